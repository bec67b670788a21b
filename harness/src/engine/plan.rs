//! Which checks a run is about, in which order, and whether they are declared soundly.

use std::collections::BTreeMap;

use libtest_mimic::{Arguments, Trial};

use crate::spec::Spec;
use crate::suite::{Check, Name, Stage, Suite, Touch};

/// The checks of a suite by name.
pub(crate) struct Plan<S: Suite>(BTreeMap<&'static str, &'static Check<S>>);

impl<S: Suite> Plan<S> {
    pub(crate) fn of(checks: &'static [Check<S>]) -> Self {
        Self(checks.iter().map(|check| (check.name(), check)).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'static Check<S>> {
        self.0.get(name).copied()
    }

    /// Every check, by name.
    pub(crate) fn by_name(&self) -> impl Iterator<Item = &'static Check<S>> {
        self.0.values().copied()
    }

    /// Whether another check or a stage wants this one to pass first.
    pub(crate) fn is_prerequisite(&self, name: &str) -> bool {
        let comes_first = |stage: &S::Stage| stage.first() == Some(name);
        self.0.values().any(|check| check.after == Some(name)) || S::Stage::all().iter().any(comes_first)
    }

    /// The checks that libtest's filters let through, by name.
    pub(crate) fn selected(&self, filters: &Arguments) -> Vec<&'static Check<S>> {
        let is_selected = |check: &&Check<S>| !filters.is_filtered_out(&Trial::test(check.name(), || Ok(())));
        self.by_name().filter(is_selected).collect()
    }

    /// Every check in the order to run them: by stage, in a stage those that share it first, each behind the one that must
    /// pass first.
    pub(crate) fn in_order(&self) -> Vec<&'static Check<S>> {
        let mut sorted: Vec<_> = self.by_name().collect();
        sorted.sort_by_key(|check| (depth(check.stage), check.touch == Touch::Alone, check.name()));
        let mut ordered = Vec::with_capacity(sorted.len());
        for check in sorted {
            self.put(check, &mut ordered);
        }
        ordered
    }

    fn put(&self, check: &'static Check<S>, ordered: &mut Vec<&'static Check<S>>) {
        if ordered.iter().any(|done| done.name() == check.name()) {
            return;
        }
        if let Some(first) = check.after.and_then(|name| self.get(name)) {
            self.put(first, ordered);
        }
        ordered.push(check);
    }
}

/// What is wrong with the declarations of a suite; a run of such a suite would prove nothing.
pub fn faults<S: Suite>(checks: &'static [Check<S>], spec: &Spec) -> Vec<String> {
    let plan = Plan::of(checks);
    let mut faults = Vec::new();
    if checks.is_empty() {
        faults.push("no check is linked into this program".to_owned());
    }
    for first in S::Stage::all().iter().filter_map(|stage| stage.first()) {
        if plan.get(first).is_none() {
            faults.push(format!("a stage comes after {first}, which is no check"));
        }
    }
    for check in checks {
        let name = check.name();
        if plan.get(name).is_some_and(|known| !std::ptr::eq(known, check)) {
            faults.push(format!("two checks are named {name}"));
        }
        if let Some(clause) = check.covers.iter().find(|id| spec.get(id).is_none()) {
            faults.push(format!("{name} covers {clause}, which is no clause"));
        }
        if let Some(after) = check.after.filter(|after| plan.get(after).is_none()) {
            faults.push(format!("{name} comes after {after}, which is no check"));
        }
        if check.stage.is_some_and(|stage| wants_first(stage, name)) {
            faults.push(format!("{name} comes after a stage that comes after it"));
        }
        if comes_after_itself(&plan, check) {
            faults.push(format!("{name} comes after itself"));
        }
    }
    faults
}

fn comes_after_itself<S: Suite>(plan: &Plan<S>, check: &Check<S>) -> bool {
    let before = |name: &&'static str| plan.get(name).and_then(|check| check.after);
    std::iter::successors(check.after, before).take(plan.0.len()).any(|name| name == check.name())
}

/// Whether the check called `name` must not fail before `stage` is up.
fn wants_first<T: Stage>(stage: T, name: &str) -> bool {
    let stages = std::iter::successors(Some(stage), |stage| stage.after()).take(T::all().len());
    stages.filter_map(T::first).any(|first| first == name)
}

/// How many stages are up once this one is.
fn depth<T: Stage>(stage: Option<T>) -> usize {
    std::iter::successors(stage, |stage| stage.after()).take(T::all().len()).count()
}
