//! What a misspelled word was probably meant to be.

/// Longer words are not compared: no name of the standard is half as long.
const LONGEST: usize = 40;

/// The known word that `written` is another spelling of: other capitals or separators, or up to two slips of the pen.
pub(super) fn nearest<'k>(written: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<&'k str> {
    if written.len() > LONGEST {
        return None;
    }
    let plain = squash(written);
    known.clone().find(|word| squash(word) == plain).or_else(|| by_distance(written, known))
}

/// As [`nearest`], and also a word cut short: `MON` for `MONDAY`.
pub(super) fn nearest_value<'k>(written: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<&'k str> {
    nearest(written, known.clone()).or_else(|| {
        let plain = squash(written);
        let mut longer = known.filter(|word| plain.len() >= 3 && squash(word).starts_with(&plain));
        longer.next().filter(|_| longer.next().is_none())
    })
}

fn by_distance<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let written = written.to_lowercase();
    known
        .map(|word| (distance(&written, &word.to_lowercase()), word))
        .filter(|(slips, word)| *slips <= allowed(word))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, word)| word)
}

/// Two slips, fewer in a short word: otherwise every word of two letters would be an `id`.
fn allowed(word: &str) -> usize {
    (word.len() / 3).min(2)
}

/// `dayOfWeek`, `Day-Of-Week` and `day_of_week` are the same.
fn squash(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest, nearest_value};

    const NAMES: [&str; 5] = ["id", "vat", "day_of_week", "step_size", "price"];
    const DAYS: [&str; 4] = ["MONDAY", "SUNDAY", "TUESDAY", "THURSDAY"];

    #[test]
    fn distances_count_slips() {
        assert_eq!([distance("a", "a"), distance("pirce", "price"), distance("kitten", "sitting")], [0, 1, 3]);
    }

    #[test]
    fn a_word_is_found_by_case_separators_and_slips() {
        let meant = |written| nearest(written, NAMES.into_iter());
        assert_eq!(meant("dayOfWeek"), Some("day_of_week"));
        assert_eq!(meant("Step-Size"), Some("step_size"));
        assert_eq!(meant("day_of_wek"), Some("day_of_week"));
        assert_eq!(meant("pirce"), Some("price"));
        assert_eq!(meant("ad"), None, "two letters are too few to guess");
        assert_eq!(meant(&"x".repeat(9000)), None);
    }

    #[test]
    fn a_value_may_also_be_cut_short() {
        let meant = |written| nearest_value(written, DAYS.into_iter());
        assert_eq!(meant("mon"), Some("MONDAY"));
        assert_eq!(meant("T"), None);
        assert_eq!(meant("HOLIDAY"), None);
    }
}
