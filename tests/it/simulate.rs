//! Seeded runs in which everything goes wrong; and proof that the checks can fail.

use plugtill::simulate::{Plant, Profile, Simulated, simulate};

const SESSIONS: usize = 4;
/// Seeds that once failed.
const KEPT: &str = include_str!("seeds.txt");

async fn seed(seed: u64, profile: &str, plant: Option<Plant>) -> Simulated {
    simulate(seed, Profile::named(profile).unwrap(), SESSIONS, plant, false).await.unwrap()
}

#[tokio::test]
async fn what_once_broke_holds() {
    let kept = KEPT.lines().filter(|line| !line.starts_with('#'));
    for line in kept {
        let [profile, number, sessions, what] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let profile = Profile::named(profile).unwrap();
        let sessions = sessions.parse().unwrap();
        let simulated = simulate(number.parse().unwrap(), profile, sessions, None, false).await.unwrap();
        assert_eq!(simulated.broken, [], "{} {number}: {what}", profile.name);
    }
}

/// So many seeds of every profile, unless `PLUGTILL_SEEDS` asks for more: a thousand take half an hour.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let asked = std::env::var("PLUGTILL_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    1..=asked.unwrap_or(6)
}

async fn every_invariant_holds(profile: &str) {
    for number in seeds() {
        let simulated = seed(number, profile, None).await;
        assert_eq!(simulated.broken, [], "plugtill simulate --faults {profile} --sessions {SESSIONS} --seed {number}");
    }
}

macro_rules! profiles {
    ($($test:ident: $profile:literal),+ $(,)?) => {
        $(#[tokio::test]
        async fn $test() {
            every_invariant_holds($profile).await;
        })+
    };
}

profiles! {
    every_invariant_holds_while_nothing_goes_wrong: "calm",
    every_invariant_holds_while_much_goes_wrong: "rough",
    every_invariant_holds_in_a_storm: "storm",
    every_invariant_holds_while_the_table_fails: "table",
    every_invariant_holds_while_stripe_fails: "stripe",
    every_invariant_holds_while_queues_and_topics_fail: "queues",
    every_invariant_holds_while_functions_end_in_the_middle_of_their_work: "crashes",
    f45_every_invariant_holds_while_two_functions_are_at_the_same_work_and_indexes_lag: "slow",
    f89_every_invariant_holds_while_services_do_not_answer_for_hours: "outages",
    f95_every_invariant_holds_while_older_and_later_versions_write: "versions",
    every_invariant_holds_while_messages_are_lost_late_and_repeated: "carriage",
    every_invariant_holds_while_chargers_misbehave: "chargers",
}

#[tokio::test]
async fn a_seed_is_the_same_run_to_the_byte_each_time() {
    let (first, again, other) =
        (seed(7, "storm", None).await, seed(7, "storm", None).await, seed(8, "storm", None).await);
    assert_eq!(first.hash, again.hash);
    assert_ne!(first.hash, other.hash);
}

#[tokio::test]
async fn money_that_is_taken_twice_is_found() {
    for number in 1..=3 {
        let simulated = seed(number, "calm", Some(Plant::ChargesTwice)).await;
        let found: Vec<_> = simulated.broken.iter().map(|broken| broken.invariant).collect();
        // A run ends with the first that fails: by the charge itself, or by the books at rest.
        assert!(found.iter().any(|broken| ["I1", "I3"].contains(broken)), "seed {number}: {found:?}");
    }
}
