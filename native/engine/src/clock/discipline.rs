//! How far the machine's wall clock can be believed.

use std::io;

/// From here on the kernel itself believes its clock no more (`NTP_PHASE_LIMIT`, 16 s).
const ERROR_US_LIMIT: u64 = 16_000_000;

/// What the kernel says of its wall clock; GPS, PTP and NTP all show here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Discipline {
    /// Somebody keeps it right.
    pub is_synchronised: bool,
    /// What it is most likely off by, in microseconds.
    pub estimated_error_us: u64,
    /// What it is off by at most, in microseconds.
    pub maximum_error_us: u64,
}

impl Discipline {
    /// `adjtimex(2)` that changes nothing, which anybody may ask: nothing below `/proc` tells it.
    pub fn ask() -> io::Result<Self> {
        // SAFETY: every field is a number, of which zero is one; no mode is set, so it is only written
        // to, and it outlives the call.
        #[allow(unsafe_code)] // libc alone offers the call, and it takes a pointer
        let (answer, told) = unsafe {
            let mut told: libc::timex = std::mem::zeroed();
            (libc::adjtimex(&raw mut told), told)
        };
        if answer == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self::from_kernel(told.esterror, told.maxerror))
    }

    /// From `esterror` and `maxerror` of `struct timex`, in microseconds. The maximum alone says
    /// whether anybody keeps the clock: `STA_UNSYNC` is also set by chrony where it leaves the
    /// hardware clock alone (systemd's commit bca5a0eacc decides likewise).
    #[must_use]
    pub fn from_kernel(estimated_error_us: i64, maximum_error_us: i64) -> Self {
        let known = |error_us: i64| u64::try_from(error_us).unwrap_or(u64::MAX);
        let maximum_error_us = known(maximum_error_us);
        Self {
            is_synchronised: maximum_error_us < ERROR_US_LIMIT,
            estimated_error_us: known(estimated_error_us),
            maximum_error_us,
        }
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_nobody_keeps_is_not_synchronised() {
        let kept = Discipline::from_kernel(12, 15_999_999);
        assert_eq!((kept.is_synchronised, kept.estimated_error_us), (true, 12));
        assert!(!Discipline::from_kernel(12, 16_000_000).is_synchronised);
        assert!(!Discipline::from_kernel(12, -1).is_synchronised, "no error that can be");
    }
}
