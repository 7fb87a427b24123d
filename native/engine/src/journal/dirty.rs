//! Which pages were written since they were last copied to disk: one bit each. The thread that fires
//! sets them and never waits; the thread that copies takes them, 64 at a time.

use crate::sync::{AtomicU64, Ordering};

const BITS: usize = 64;

pub struct Dirty {
    words: Box<[AtomicU64]>,
    appended: AtomicU64,
}

impl Dirty {
    /// For pages 0 to `pages` − 1, all as they are on disk.
    pub fn new(pages: usize) -> Self {
        let words = (0..pages.div_ceil(BITS)).map(|_| AtomicU64::new(0)).collect();
        Self { words, appended: AtomicU64::new(0) }
    }

    /// What was written to a page before is copied by the round that takes its bit, or by a later one.
    pub fn mark(&self, page: usize) {
        self.words[page / BITS].fetch_or(1 << (page % BITS), Ordering::Release);
    }

    /// Every page of these shots is marked.
    pub fn appended(&self, sequence: u64) {
        self.appended.store(sequence, Ordering::Release);
    }

    /// The last shot whose page a round that begins now will copy.
    pub fn last_appended(&self) -> u64 {
        self.appended.load(Ordering::Acquire)
    }

    /// Hands over what is marked, and marks it no more. Returns how many pages there were; ends with
    /// the first that could not be copied, and marks none again.
    pub fn take<E>(&self, mut copy: impl FnMut(usize) -> Result<(), E>) -> Result<usize, E> {
        let mut count = 0;
        for (index, word) in self.words.iter().enumerate() {
            if word.load(Ordering::Relaxed) == 0 {
                continue; // a look is cheaper than an exchange
            }
            let mut bits = word.swap(0, Ordering::Acquire);
            while bits != 0 {
                copy(index * BITS + usize::try_from(bits.trailing_zeros()).unwrap_or(0))?;
                bits &= bits - 1;
                count += 1;
            }
        }
        Ok(count)
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn taken(dirty: &Dirty) -> Vec<usize> {
        let mut pages = Vec::new();
        let count = dirty.take(|page| {
            pages.push(page);
            Ok::<_, Infallible>(())
        });
        assert_eq!(count, Ok(pages.len()));
        pages
    }

    #[test]
    fn each_marked_page_is_handed_over_once() {
        let dirty = Dirty::new(130);
        assert!(taken(&dirty).is_empty());
        for page in [129, 0, 63, 64, 0] {
            dirty.mark(page);
        }
        assert_eq!(taken(&dirty), [0, 63, 64, 129]);
        assert!(taken(&dirty).is_empty());
    }

    #[test]
    fn a_page_that_could_not_be_copied_ends_the_round() {
        let dirty = Dirty::new(3);
        dirty.mark(1);
        dirty.mark(2);
        assert_eq!(dirty.take(|page| if page == 1 { Err(page) } else { Ok(()) }), Err(1));
    }
}

#[cfg(all(test, feature = "loom"))]
mod every_order {
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicU64 as Page;
    use loom::thread;

    use super::*;

    #[test]
    fn what_a_round_says_was_appended_it_has_copied() {
        loom::model(|| {
            let (dirty, page) = (Arc::new(Dirty::new(1)), Arc::new(Page::new(0)));
            let fires = {
                let (dirty, page) = (Arc::clone(&dirty), Arc::clone(&page));
                thread::spawn(move || {
                    for sequence in 1..=2 {
                        page.store(sequence, Ordering::Relaxed);
                        dirty.mark(0);
                        dirty.appended(sequence);
                    }
                })
            };
            let mut on_disk = 0;
            for _ in 0..2 {
                let appended = dirty.last_appended();
                let copied = dirty.take(|_| {
                    on_disk = page.load(Ordering::Relaxed);
                    Ok::<_, ()>(())
                });
                assert!(copied.is_ok());
                assert!(on_disk >= appended, "{appended} was said, {on_disk} was copied");
            }
            fires.join().unwrap();
            assert!(dirty.take(|_| Ok::<_, ()>(on_disk = page.load(Ordering::Relaxed))).is_ok());
            assert_eq!(on_disk, 2, "the last round has everything");
        });
    }
}
