//! `reinstall backup`: a restore point, proved.

use fixtures::installation::Installation;
use fixtures::size::Size;
use fixtures::transaction;
use harness::Exit;

use super::asked::told;
use super::trouble::Trouble;

pub(crate) async fn backup() -> Result<Exit, Trouble> {
    let installation = Installation::from_environment()?;
    let held = transaction::hold(&installation).await?;
    transaction::refuse_unfinished(&held)?;
    transaction::admit(&installation).await?;
    let safe = transaction::back_up(&installation, &held, told()).await?;
    let contents = safe.point.contents();
    println!("restore point {} ({}), proved by restoring it", contents.id, Size(safe.point.size()));
    println!("  reinstall rollback {}", contents.id);
    Ok(Exit::Passed)
}
