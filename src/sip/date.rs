//! The Date header field (RFC 3261 section 20.17), and days.

use std::time::{SystemTime, UNIX_EPOCH};

/// `Sat, 21 Nov 2026 08:49:37 GMT`; a clock before 1970 counts as 1970.
pub fn date(wall: SystemTime) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = day_of(seconds);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let weekday = DAYS[(seconds / 86_400 % 7) as usize];
    let month = MONTHS[(month - 1) as usize];
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Year, month (1 to 12) and day of the month of a moment in seconds since 1970, in UTC.
pub fn day_of(seconds: u64) -> (u64, u64, u64) {
    // Days since 1 March of year 0, in cycles of 400 years (146,097 days): leap days fall at the
    // end of a year.
    let shifted = seconds / 86_400 + 719_468;
    let (cycle, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = cycle * 400 + year + u64::from(month < 2);
    (year, month + 1, day)
}

#[cfg(test)]
mod tests {
    use super::date;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn dates_are_those_of_the_rfc_and_of_leap_years() {
        let at = |seconds| date(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(at(1_289_687_346), "Sat, 13 Nov 2010 22:29:06 GMT");
        assert_eq!(at(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(at(1_795_219_200), "Sat, 21 Nov 2026 00:00:00 GMT");
    }
}
