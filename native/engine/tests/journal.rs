//! Whatever is done to a journal: it reads without a panic, tells nothing that was not written, and
//! keeps silent about nothing that was.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use legwork_engine_core::amount::Quantity;
use legwork_engine_core::answers::{OrderState, VenueRefusal, Verdict};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{
    Answer, CopyToDisk, Damage, INTENT_ID_MAX, Journal, JournalError, JournalOptions, NAME_MAX,
    Reading, RecordedAnswer, RecordedShot, SLOT_BYTES, ShotId, Source, read_bytes,
};
use legwork_engine_core::own_intent::{Door, OwnIntent, RecordedIntent};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::shot::{Before, Budget, Now, Shot};
use legwork_engine_core::wire::Written;
use proptest::prelude::*;
use support::{file_in, journal_in, of, options, shot};
use tempfile::{TempDir, tempdir};

const SLOTS: u32 = 6;
const BYTES: [&[u8]; 2] = [b"POST /order", b"POST /orders"];
/// What a slot has room for, to the last byte.
const LONG_ID: &str = "seventy-two bytes are the most that there is room for in a slot of ours.";
const LONG_CODE: &str = "fill_or_kill_insufficient_resting_volume";

fn append(journal: &mut Journal, number: u64) -> ShotId {
    let intent_id = format!("rain.{number}");
    let now = Now { monotonic_ns: number, unix_ns: number };
    let before = Before { tick_ns: 7, decided_ns: 8, signed_ns: 9 };
    let shot = Shot { before, ..shot(MarketId(7), &intent_id, BYTES) };
    journal.append(&shot, 1, now).expect("there is room")
}

/// As the next start reads them.
fn earlier(folder: &Path) -> Vec<Reading> {
    let next = journal_in(folder, &options(SLOTS)).expect("free");
    next.earlier().expect("readable")
}

#[test]
fn starts_are_told_apart_for_ever_and_read_oldest_first() {
    let folder = tempdir().expect("a temporary folder");
    for epoch in 1..=3 {
        let mut journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
        assert_eq!(append(&mut journal, epoch), ShotId { thread: 0, epoch, sequence: 1 });
    }
    let journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
    let readings = journal.earlier().expect("readable");
    let epochs: Vec<_> = readings.iter().map(|reading| reading.epoch).collect();
    assert_eq!(epochs, [1, 2, 3]);
    assert!(readings.iter().all(|reading| reading.damage.is_empty()));
    for reading in &readings {
        journal.retire(reading).expect("it can go");
    }
    assert_eq!(journal.earlier().expect("readable"), []);
    drop(journal);
    fs::remove_file(file_in(folder.path(), "disk")).expect("it can go");
    let journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
    assert_eq!(journal.next().epoch, 5, "an epoch stays given when its file is gone");
    drop(journal);

    let known = JournalOptions { epoch_known: 41, ..options(SLOTS) };
    let journal = journal_in(folder.path(), &known).expect("free");
    assert_eq!(journal.next().epoch, 42, "what Postgres knows is not given again");
}

#[test]
fn what_was_meant_by_a_shot_is_read_back_and_a_trades_own_shot_means_nothing() {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
    let name = "n".repeat(NAME_MAX);
    let most = Quantity::from_counts(i128::MAX);
    let intent = OwnIntent {
        door: Door::Armed,
        strategy: &name,
        contracts_max: most,
        edge_min: of("0.01"),
        observed_at_ms: [u64::MAX, 1],
    };
    let id = "i".repeat(INTENT_ID_MAX);
    let meant = Shot { budget: Budget::Lease(intent), ..shot(MarketId(7), &id, BYTES) };
    let its_own = Shot { budget: Budget::Reservation, ..meant };
    let now = Now { monotonic_ns: 1, unix_ns: 1 };
    for shot in [&meant, &its_own] {
        journal.append(shot, 1, now).expect("there is room");
    }
    let too_long = OwnIntent { strategy: &format!("{name}n"), ..intent };
    let too_long = Shot { budget: Budget::Lease(too_long), ..meant };
    assert_eq!(journal.append(&too_long, 1, now), Err(Refusal::ShotTooLong));
    drop(journal);

    let [reading] = &earlier(folder.path())[..] else { panic!("one journal") };
    let expected = RecordedIntent {
        door: Door::Armed,
        strategy: name,
        contracts_max: most,
        edge_min: of("0.01"),
        observed_at_ms: [u64::MAX, 1],
    };
    let [meant, its_own] = &reading.shots[..] else { panic!("two shots") };
    assert_eq!((meant.intent.as_ref(), meant.intent_id.as_str()), (Some(&expected), id.as_str()));
    assert_eq!(its_own.intent, None);
}

#[test]
fn a_folder_belongs_to_one_engine() {
    let folder = tempdir().expect("a temporary folder");
    let first = journal_in(folder.path(), &options(SLOTS)).expect("free");
    let second = journal_in(folder.path(), &options(SLOTS));
    assert!(matches!(second, Err(JournalError::InUse(_))));
    drop(first);
    assert!(journal_in(folder.path(), &options(SLOTS)).is_ok());
}

#[test]
fn answers_are_read_back_as_they_were_told() {
    let folder = tempdir().expect("a temporary folder");
    let before_each = JournalOptions { copy: CopyToDisk::BeforeEachShot, ..options(SLOTS) };
    let mut journal = journal_in(folder.path(), &before_each).expect("free");
    let id = append(&mut journal, 1);
    journal.written(id, 0, Written::Whole, 5);
    journal.began(id, 4);
    let said = [accepted(LONG_ID), Verdict::Unknown { code: LONG_CODE.to_owned() }];
    for (leg, verdict) in said.iter().enumerate() {
        journal.answered(id, leg, &Answer { verdict, status: 201, at_ns: 9 });
    }
    journal.close().expect("the disk takes it");

    let readings = earlier(folder.path());
    let [recorded] = &readings[0].shots[..] else { panic!("one shot") };
    assert_eq!((recorded.monotonic_ns, recorded.began_ns), (1, 4));
    assert_eq!(recorded.before, Before { tick_ns: 7, decided_ns: 8, signed_ns: 9 });
    let written = recorded.legs.iter().map(|leg| (leg.written, leg.written_ns));
    assert_eq!(written.collect::<Vec<_>>(), [(Some(Written::Whole), 5), (None, 0)]);
    let answers = recorded.legs.iter().map(|leg| leg.answer.clone());
    let told = said.map(|verdict| Some(RecordedAnswer { verdict, status: 201, at_ns: 9 }));
    assert_eq!(answers.collect::<Vec<_>>(), told);
}

fn accepted(venue_order_id: &str) -> Verdict {
    Verdict::Accepted {
        venue_order_id: venue_order_id.to_owned(),
        state: OrderState::Canceled,
        filled: Quantity::from_counts(999_999_999_999_999_999_999_999_999),
    }
}

/// Reads back what was told of a leg, and of it alone.
fn told_and_read(verdict: &Verdict) -> Verdict {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
    let id = append(&mut journal, 1);
    assert!(journal.answered(id, 1, &Answer { verdict, status: 201, at_ns: 9 }));
    drop(journal);
    let [yes, no] =
        <[_; 2]>::try_from(earlier(folder.path())[0].shots[0].legs.clone()).expect("two legs");
    assert_eq!(yes.answer, None, "nothing was said of the other");
    no.answer.expect("it was answered").verdict
}

#[test]
fn every_verdict_is_read_back_as_it_was_told() {
    let code = || LONG_CODE.to_owned();
    let mut verdicts = vec![Verdict::Exists { code: code() }, Verdict::Unknown { code: code() }];
    verdicts
        .extend(VenueRefusal::ALL.iter().map(|of| Verdict::Refused { refusal: *of, code: code() }));
    verdicts.extend(OrderState::ALL.iter().map(|state| Verdict::Accepted {
        venue_order_id: "0xabc".to_owned(),
        state: *state,
        filled: of("4.25"),
    }));
    for verdict in &verdicts {
        assert_eq!(told_and_read(verdict), *verdict);
    }
}

#[test]
fn words_that_are_longer_than_a_slot_are_cut_and_seen_to_be() {
    let cut = |text: &str, bytes: usize| format!("{}…", &text[..bytes]);
    let (id, code) = (format!("{LONG_ID}x"), format!("{LONG_CODE}x"));
    assert_eq!(told_and_read(&accepted(&id)), accepted(&cut(&id, 69)));
    let unknown = |code| Verdict::Unknown { code };
    assert_eq!(told_and_read(&unknown(code.clone())), unknown(cut(&code, 37)));
    // In the middle of nothing: 18 characters of two bytes are 36, and the next would be 38.
    let wide = "ö".repeat(21);
    assert_eq!(told_and_read(&unknown(wide.clone())), unknown(cut(&wide, 36)));
}

/// What a start has left, where it was killed: its memory, and a copy on disk.
fn killed_start(options: &JournalOptions) -> TempDir {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), options).expect("free");
    append(&mut journal, 1);
    append(&mut journal, 2);
    folder
}

#[test]
fn memory_that_is_gone_leaves_the_copy_on_disk_and_a_doubt() {
    let before_each = JournalOptions { copy: CopyToDisk::BeforeEachShot, ..options(SLOTS) };
    let folder = killed_start(&before_each);
    assert_eq!(earlier(folder.path())[0].damage, []);
    fs::remove_dir_all(folder.path().join("memory")).expect("it can go");
    let readings = earlier(folder.path());
    assert_eq!(readings[0].shots.len(), 2);
    assert_eq!(readings[0].damage, [Damage::TailUnknown { after: 2 }]);
}

#[test]
fn an_orderly_end_leaves_no_memory_and_no_doubt() {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
    append(&mut journal, 1);
    journal.close().expect("the disk takes it");
    let left = fs::read_dir(folder.path().join("memory")).expect("a folder").count();
    assert_eq!(left, 1, "the lock alone");
    let readings = earlier(folder.path());
    assert_eq!((readings[0].shots.len(), &readings[0].damage[..]), (1, &[][..]));
}

#[test]
fn memory_of_a_start_that_came_no_further_is_forgotten() {
    let folder = killed_start(&options(SLOTS));
    let stray = file_in(folder.path(), "memory").with_file_name("0000000000000099.journal");
    fs::write(&stray, b"no file on disk knows of it").expect("writable");
    let next = journal_in(folder.path(), &options(SLOTS)).expect("free");
    assert!(!stray.exists());
    assert_eq!((next.next().epoch, next.earlier().expect("readable").len()), (2, 1));
}

#[test]
fn what_is_written_is_on_disk_some_moments_later() {
    let folder = tempdir().expect("a temporary folder");
    let mut journal = journal_in(folder.path(), &options(SLOTS)).expect("free");
    let id = append(&mut journal, 1);
    append(&mut journal, 2);
    let verdict = Verdict::Exists { code: "order_already_exists".to_owned() };
    journal.answered(id, 1, &Answer { verdict: &verdict, status: 409, at_ns: 9 });
    journal.acknowledge(id);
    let read = |place, source| {
        read_bytes(&fs::read(file_in(folder.path(), place)).expect("readable"), source)
    };
    let written = read("memory", Source::Memory);
    let until = Instant::now() + Duration::from_secs(20);
    while read("disk", Source::Disk).shots != written.shots {
        assert!(Instant::now() < until, "{:?}", read("disk", Source::Disk));
        std::thread::yield_now();
    }
    while read("disk", Source::Disk).damage != [Damage::TailUnknown { after: 2 }] {
        assert!(Instant::now() < until, "{:?}", read("disk", Source::Disk));
        std::thread::yield_now();
    }
}

/// A journal's life in small: what was done, and every page as it was after each step, in memory and
/// on disk.
struct Life {
    steps: Vec<Vec<u8>>,
    on_disk: Vec<Vec<u8>>,
    shots: BTreeMap<u64, RecordedShot>,
    open: Vec<u64>,
}

/// `true` appends, where there is room; `false` acknowledges the oldest that is open.
fn live(script: &[bool]) -> Life {
    let folder = tempdir().expect("a temporary folder");
    // The disk's states are then no question of time.
    let before_each = JournalOptions { copy: CopyToDisk::BeforeEachShot, ..options(SLOTS) };
    let mut journal = journal_in(folder.path(), &before_each).expect("free");
    let bytes = |place| fs::read(file_in(folder.path(), place)).expect("readable");
    let (steps, on_disk) = (vec![bytes("memory")], vec![bytes("disk")]);
    let mut life = Life { steps, on_disk, shots: BTreeMap::new(), open: Vec::new() };
    let mut ids = BTreeMap::new();
    for is_append in script {
        if *is_append && life.open.len() < SLOTS as usize {
            let number = journal.next().sequence;
            let id = append(&mut journal, number);
            journal.written(id, 0, Written::Whole, 1);
            let verdict = accepted(&number.to_string());
            journal.answered(id, 0, &Answer { verdict: &verdict, status: 201, at_ns: number });
            ids.insert(id.sequence, id);
            life.open.push(id.sequence);
        } else if !life.open.is_empty() {
            journal.acknowledge(ids[&life.open.remove(0)]);
        }
        life.steps.push(bytes("memory"));
        life.on_disk.push(bytes("disk"));
        let now = read_bytes(life.steps.last().expect("just pushed"), Source::Memory);
        assert_eq!(now.damage, [], "nothing was done to it");
        life.shots.extend(now.shots.into_iter().map(|shot| (shot.id.sequence, shot)));
    }
    life
}

/// The promise: what may have left is told as a shot, or as damage that makes somebody look.
fn keeps_silent_about_nothing(life: &Life, reading: &Reading) -> Result<(), TestCaseError> {
    for shot in &reading.shots {
        let written = life.shots.get(&shot.id.sequence);
        prop_assert!(written.is_some(), "{:?} was never written", shot.id);
        let Some(written) = written else { continue };
        prop_assert_eq!(&shot.intent_id, &written.intent_id);
        prop_assert_eq!(shot.legs.iter().map(|leg| &leg.bytes).collect::<Vec<_>>(), BYTES);
        for (leg, then) in shot.legs.iter().zip(&written.legs) {
            let was_heard = leg.answer.is_none() || leg.answer == then.answer;
            prop_assert!(was_heard, "{:?} was never heard", leg.answer);
        }
    }
    for sequence in &life.open {
        let is_told = reading.shots.iter().any(|shot| shot.id.sequence == *sequence);
        let is_open =
            reading.shots.iter().all(|shot| shot.id.sequence != *sequence || !shot.is_acknowledged);
        prop_assert!(is_open, "{sequence} is told as acknowledged and is not");
        prop_assert!(
            is_told || is_doubted(reading, *sequence),
            "nobody looks for {sequence}: {:?}",
            reading.damage
        );
    }
    Ok(())
}

fn is_doubted(reading: &Reading, sequence: u64) -> bool {
    reading.damage.iter().any(|damage| match damage {
        Damage::Header | Damage::End | Damage::Short { .. } => true,
        Damage::Missing { sequence: missing } => *missing == sequence,
        Damage::Torn { index } => *index == (sequence - 1) % u64::from(SLOTS),
        Damage::TailUnknown { after } => sequence > *after,
        Damage::MarkTorn { .. } | Damage::AcknowledgementTorn { .. } => false,
    })
}

fn script() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(prop::bool::weighted(0.6), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn a_file_that_was_cut_anywhere(script in script(), cut in any::<prop::sample::Index>()) {
        let life = live(&script);
        let whole = life.steps.last().expect("at least the empty one");
        let reading = read_bytes(&whole[..cut.index(whole.len())], Source::Memory);
        prop_assert!(!reading.damage.is_empty());
        keeps_silent_about_nothing(&life, &reading)?;
    }

    #[test]
    fn any_flipped_bit(script in script(), page in 0..=SLOTS as usize, byte in 0..SLOT_BYTES, bit in 0..8_u32) {
        let life = live(&script);
        let mut bytes = life.steps.last().expect("at least the empty one").clone();
        bytes[page * SLOT_BYTES + byte] ^= 1_u8 << bit;
        let reading = read_bytes(&bytes, Source::Memory);
        prop_assert!(!reading.damage.is_empty(), "a flipped bit of page {page}, byte {byte}");
        keeps_silent_about_nothing(&life, &reading)?;
    }

    #[test]
    fn pages_that_a_power_cut_has_left_as_they_once_were(
        script in script(),
        ages in prop::collection::vec(any::<prop::sample::Index>(), SLOTS as usize + 1),
    ) {
        let life = live(&script);
        let mut bytes = Vec::new();
        for (page, age) in ages.iter().enumerate() {
            let then = age.get(&life.on_disk);
            bytes.extend_from_slice(&then[page * SLOT_BYTES..(page + 1) * SLOT_BYTES]);
        }
        let reading = read_bytes(&bytes, Source::Disk);
        keeps_silent_about_nothing(&life, &reading)?;
    }

    #[test]
    fn bytes_that_were_never_a_journal(bytes in prop::collection::vec(any::<u8>(), 0..3 * SLOT_BYTES)) {
        let reading = read_bytes(&bytes, Source::Memory);
        prop_assert!(reading.shots.is_empty());
        prop_assert!(reading.damage.contains(&Damage::Header));
    }
}

const FOLDER: &str = "LEGWORK_TEST_JOURNAL";
const KILLED: usize = 20;

/// Not a test by itself: the process that the next one kills, which appends until it is gone.
#[test]
fn appends_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut journal = journal_in(Path::new(&folder), &options(64)).expect("free");
    for number in 1.. {
        let id = append(&mut journal, number);
        journal.written(id, 0, Written::Whole, number);
        println!("\nsent {number}");
        journal.acknowledge(id);
    }
}

#[test]
fn whoever_is_killed_has_lost_nothing_of_what_it_sent() {
    for round in 0..KILLED {
        let folder = tempdir().expect("a temporary folder");
        let out = folder.path().join("out");
        let program = std::env::current_exe().expect("this test");
        let mut child = Command::new(program)
            .args(["--exact", "appends_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(fs::File::create(&out).expect("writable"))
            .spawn()
            .expect("it starts");
        let sent = || fs::read_to_string(&out).expect("readable");
        while !sent().contains("\nsent 100\n") {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_micros(
            u64::try_from(round).expect("few") * 137,
        ));
        child.kill().expect("it runs");
        child.wait().expect("it ends");

        let lines = sent();
        let last =
            lines.lines().filter_map(|line| line.strip_prefix("sent ")?.parse::<u64>().ok()).max();
        let last = last.expect("it has sent a hundred");
        let reading = earlier(folder.path()).remove(0);
        let torn = reading.damage.iter().filter(|damage| !is_of_last_step(**damage, last)).count();
        assert_eq!(torn, 0, "{:?} after {last} were sent", reading.damage);
        let newest = reading.shots.last().expect("at least a hundred").id.sequence;
        assert!(newest >= last, "{newest} is the newest of {last} that were sent");
    }
}

/// The kill may have come in the middle of the step after the last line that was told.
fn is_of_last_step(damage: Damage, last: u64) -> bool {
    match damage {
        Damage::Torn { index } => index == last % 64 || index == (last + 1) % 64,
        Damage::MarkTorn { sequence } | Damage::AcknowledgementTorn { sequence } => {
            sequence >= last
        }
        Damage::Missing { sequence } => sequence + 64 > last && sequence <= last + 1 - 63,
        Damage::End => true,
        _ => false,
    }
}
