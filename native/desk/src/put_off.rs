//! When a pair is looked at again whose tick was refused by what passes by itself: its books may rest, and
//! an edge that stands there sends no tick.

/// How soon at first.
const PAUSE_NS: u64 = 50_000_000;
/// A look that is refused in its turn is counted, and may use up a name: the next comes after twice the pause.
const PAUSE_NS_MAX: u64 = 1_600_000_000;

/// Of one pair; times are of the monotonic clock.
#[derive(Debug, Default)]
pub struct PutOff {
    pause_ns: u64,
    /// `None`: it is not put off.
    until_ns: Option<u64>,
}

impl PutOff {
    /// Its tick was refused.
    pub fn begin(&mut self, now_ns: u64) {
        self.wait(PAUSE_NS, now_ns);
    }

    /// A look was, though nothing had stood in its way before.
    pub fn again(&mut self, now_ns: u64) {
        self.wait((2 * self.pause_ns).clamp(PAUSE_NS, PAUSE_NS_MAX), now_ns);
    }

    /// What stands in its way is seen without a look: nothing is used up, nor counted.
    pub fn go_on(&mut self, now_ns: u64) {
        self.wait(self.pause_ns, now_ns);
    }

    /// It is looked at.
    pub fn end(&mut self) {
        self.until_ns = None;
    }

    pub fn is_on(&self) -> bool {
        self.until_ns.is_some()
    }

    pub fn is_due(&self, now_ns: u64) -> bool {
        self.until_ns.is_some_and(|until_ns| until_ns <= now_ns)
    }

    fn wait(&mut self, pause_ns: u64, now_ns: u64) {
        (self.pause_ns, self.until_ns) = (pause_ns, Some(now_ns.saturating_add(pause_ns)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(put_off: &PutOff, now_ns: u64) -> u64 {
        let pause_ns = put_off.until_ns.expect("it is put off") - now_ns;
        assert!(put_off.is_due(now_ns + pause_ns) && !put_off.is_due(now_ns + pause_ns - 1));
        pause_ns / 1_000_000
    }

    #[test]
    fn a_look_that_is_refused_doubles_the_pause_and_a_tick_begins_anew() {
        let mut put_off = PutOff::default();
        assert!(!put_off.is_on() && !put_off.is_due(u64::MAX));
        put_off.begin(7);
        let mut pauses = vec![pause(&put_off, 7)];
        put_off.go_on(8);
        pauses.push(pause(&put_off, 8));
        for now_ns in 10..16 {
            put_off.end();
            put_off.again(now_ns);
            pauses.push(pause(&put_off, now_ns));
        }
        assert_eq!(pauses, [50, 50, 100, 200, 400, 800, 1_600, 1_600]);
        put_off.begin(20);
        assert_eq!(pause(&put_off, 20), 50);
    }
}
