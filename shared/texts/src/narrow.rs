//! What text messages and subject lines can carry.

use deunicode::deunicode_char;

/// What operators are sent has no more characters, so that a carrier's own words fit beside it.
pub const SMS_CHARACTERS: usize = 140;
/// A text message of more characters of the GSM alphabet is sent, and billed, as several.
pub const ONE_MESSAGE: usize = 160;
/// SNS takes subject lines of fewer than 100 characters, ASCII.
pub const SUBJECT_CHARACTERS: usize = 99;

/// The letters beyond ASCII of the basic set of GSM 03.38. One letter outside of it makes carriers send the whole message
/// in UTF-16, in parts of 70.
const GSM: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/// ASCII that takes two places, or is in none of the sets.
const NOT_IN_ONE: &str = "[\\]^{|}~`";

/// A text message that ends with its link: the words are cut to fit, the link never is.
pub(crate) fn sms(words: &str, link: &str, most: usize) -> String {
    let words: String = words.chars().flat_map(gsm).collect();
    let room = most.saturating_sub(link.chars().count() + 1);
    format!("{} {link}", cut(words, room))
}

/// A text message without a link.
pub(crate) fn words(words: &str) -> String {
    cut(words.chars().flat_map(gsm).collect(), SMS_CHARACTERS)
}

/// A subject line: one line of ASCII.
pub(crate) fn subject(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(deunicode::deunicode(&words), SUBJECT_CHARACTERS)
}

fn gsm(letter: char) -> Vec<char> {
    if letter.is_control() || NOT_IN_ONE.contains(letter) {
        vec![' ']
    } else if letter.is_ascii() || GSM.contains(letter) {
        vec![letter]
    } else {
        deunicode_char(letter).unwrap_or("?").chars().filter(|c| !NOT_IN_ONE.contains(*c)).collect()
    }
}

fn cut(words: String, room: usize) -> String {
    if words.chars().count() <= room {
        return words;
    }
    let mut kept: String = words.chars().take(room.saturating_sub(2)).collect();
    kept.truncate(kept.trim_end().len());
    kept.push_str("..");
    kept
}
