//! Scenario: builds for each platform, and for both at once, are what they say they are.

use fixtures::builds::Output;
use fixtures::image::elf;
use fixtures::lab::REGISTRY;
use fixtures::projects::{CROSS, OWN_BASE, TWO_PLATFORMS};
use harness::{Verdict, expect};

use crate::Cx;
use crate::building::{Exported, PLATFORMS, file, images};

/// A build for linux/amd64 succeeds, and image, program and the machine that ran its steps are amd64.
#[harness::check(
    covers = ["4.2.1", "4.2.5"],
    needs(Amd64, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn amd64_build_is_amd64(cx: &Cx) -> Verdict {
    let sources = cx.project(&TWO_PLATFORMS).await?;
    is_for(&cx.exported(&sources, &["linux/amd64"]).await?, &["amd64"])
}

/// A build for linux/arm64 succeeds, and image, program and the machine that ran its steps are arm64.
#[harness::check(
    covers = ["4.2.2", "4.2.5"],
    needs(Arm64, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn arm64_build_is_arm64(cx: &Cx) -> Verdict {
    let sources = cx.project(&TWO_PLATFORMS).await?;
    is_for(&cx.exported(&sources, &["linux/arm64"]).await?, &["arm64"])
}

/// Index, configurations, programs and the machines that ran the steps of an image for two platforms agree.
#[harness::check(
    covers = ["4.2.1", "4.2.2", "4.2.3"],
    needs(Amd64, Arm64, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn two_platform_image_agrees_with_itself(cx: &Cx) -> Verdict {
    is_for(&*cx.two_platforms().await?, &["amd64", "arm64"])
}

/// Each platform's steps are told which platform they build for.
#[harness::check(
    covers = ["4.2.3", "4.2.5"],
    needs(Amd64, Arm64, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn steps_are_told_their_platform(cx: &Cx) -> Verdict {
    let exported = cx.two_platforms().await?;
    let images = images(&exported.layout)?;
    expect("the images for two platforms", images.len()).equals(PLATFORMS.len())?;
    for image in images {
        let environment = file(&exported.layout, &image, "environment")?;
        let told = format!("TARGETPLATFORM=linux/{}\0", image.platform.architecture);
        expect("what a step was told", String::from_utf8_lossy(&environment).replace('\0', " "))
            .contains(&told.replace('\0', " "))?;
    }
    Ok(())
}

/// Both platforms of an image are built at once under one tag, which a registry then holds.
#[harness::check(
    covers = "4.2.3",
    needs(Amd64, Arm64, Exports, Registry),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn tag_holds_both_platforms(cx: &Cx) -> Verdict {
    let tag = format!("{REGISTRY}/two-platforms:{}", cx.desk().run());
    let sources = cx.project(&TWO_PLATFORMS).await?;
    let builder = cx.builder().await?;
    let build = cx.build_on(&builder, &sources).await?.platforms(&PLATFORMS);
    let record = build.output(Output::Registry(&tag)).run().await?;
    let docker = cx.client().await?;
    let said = docker.args(["buildx", "imagetools", "inspect", &tag, "--raw"]).run_ok().await?;
    let index: serde_json::Value = serde_json::from_str(&said.stdout)?;
    let listed = index["manifests"].as_array().into_iter().flatten();
    let architectures = listed.filter_map(|manifest| manifest["platform"]["architecture"].as_str());
    expect("architectures under the tag", architectures.collect::<Vec<_>>()).has_all(&["amd64", "arm64"])?;
    expect("the digest that buildx told", record.digest()).is("one", Option::is_some)
}

/// Each platform of an image stands on its own platform of the base.
#[harness::check(
    covers = "4.2.4",
    needs(Amd64, Arm64, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn each_platform_has_its_own_base(cx: &Cx) -> Verdict {
    let base = cx.two_platforms().await?;
    let sources = cx.project(&OWN_BASE).await?;
    let context = format!("base=oci-layout://{}@{}", base.folder.display(), base.digest()?);
    let exported = cx.exported_with(&sources, &PLATFORMS, &[("--build-context", &context)]).await?;
    is_for(&exported, &["amd64", "arm64"])
}

/// A step on this machine's platform makes a program for another one, which needs no emulator.
#[harness::check(
    covers = "4.2.5",
    needs(Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn cross_build_needs_no_emulator(cx: &Cx) -> Verdict {
    let sources = cx.project(&CROSS).await?;
    let exported = cx.exported(&sources, &PLATFORMS).await?;
    let (own, images) = (std::env::consts::ARCH, images(&exported.layout)?);
    expect("the images for two platforms", images.len()).equals(PLATFORMS.len())?;
    for image in images {
        let architecture = image.platform.architecture.as_str();
        let program = file(&exported.layout, &image, "program")?;
        expect("the machine of the program", elf::architecture(&program)).equals(Some(architecture))?;
        let machine = file(&exported.layout, &image, "machine")?;
        expect("the machine that made it", String::from_utf8_lossy(&machine).into_owned()).equals(own)?;
    }
    Ok(())
}

/// An arm64 image runs in the engine and tells that its machine is one.
#[harness::check(
    covers = ["4.2.2", "4.1.4"],
    needs(Arm64, Lab),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn arm64_image_runs_in_the_engine(cx: &Cx) -> Verdict {
    let tag = format!("buildkit-reinstall/arm64:{}", cx.desk().run());
    let sources = cx.project(&TWO_PLATFORMS).await?;
    let build = cx.build(&sources).await?.platforms(&["linux/arm64"]);
    build.output(Output::Engine(&tag)).run().await?;
    let docker = cx.client().await?;
    let run = docker.args(["run", "--rm", "--network", "none", "--platform", "linux/arm64", &tag]);
    expect("what the program says", run.run_ok().await?.stdout).equals("aarch64")
}

/// Judges an image of a project that tells its machine: the platforms are these and no others, and all agrees.
fn is_for(exported: &Exported, architectures: &[&str]) -> Verdict {
    let images = images(&exported.layout)?;
    let found = images.iter().map(|image| image.platform.architecture.as_str()).collect::<Vec<_>>();
    expect("the platforms of the image", found).equals(architectures)?;
    for image in &images {
        let architecture = image.platform.architecture.as_str();
        let machine = if architecture == "amd64" { "x86_64" } else { "aarch64" };
        expect("index and configuration", image.disagreement()).equals(None)?;
        let program = file(&exported.layout, image, "probe")?;
        expect(format!("the machine of {architecture}'s program"), elf::architecture(&program))
            .equals(Some(architecture))?;
        let told = file(&exported.layout, image, "machine")?;
        expect(
            format!("the machine that ran {architecture}'s steps"),
            String::from_utf8_lossy(&told).into_owned(),
        )
        .equals(machine)?;
    }
    Ok(())
}
