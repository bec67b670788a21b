//! The inventory of installations of several sizes, and what each builder and context costs:
//! `cargo bench -p benches --bench inventory`. A cost that grew faster than the number would show in the last column.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says why and ends")]

use benches::rounds::Contender;
use benches::{client, scratch};
use fixtures::installation::Installation;
use fixtures::inventory::Inventory;

/// How often each is measured.
const ROUNDS: usize = 7;
/// Builder definitions, and as many contexts.
const COUNTS: [usize; 3] = [100, 1000, 4000];
/// What an inventory of a thousand of each may take, in seconds.
const MOST: f64 = 1.0;

fn main() {
    let scratch = scratch::folder().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut sizes = COUNTS.map(|count| {
        let home = scratch.path().join(count.to_string());
        client::make(&home, count).unwrap();
        (count, client::installation(&home).unwrap(), Contender::new("inventory"))
    });
    for _ in 0..ROUNDS {
        for (count, installation, contender) in &mut sizes {
            contender.measure(|| runtime.block_on(take(installation, *count)));
        }
    }
    println!("builders and contexts   median    each   against the one above; load {}", scratch::load());
    let mut above = None;
    for (count, _, contender) in &sizes {
        let seconds = contender.seconds().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let each = seconds * 1e6 / *count as f64;
        let ratio = above.replace(each).map_or_else(String::new, |above: f64| format!("{:.2}", each / above));
        println!("{count:>21} {seconds:>7.3} s {each:>4.0} µs   {ratio}");
        if *count == 1000 {
            println!("{:>21} {}", "", if seconds <= MOST { "within a second" } else { "over a second" });
        }
    }
}

async fn take(installation: &Installation, count: usize) {
    let inventory = Inventory::take(installation).await;
    assert_eq!(inventory.client.builders.len(), count);
    assert_eq!(inventory.client.contexts.len(), count + 1);
}
