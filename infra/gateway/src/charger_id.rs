//! Which names of chargers are safe in a URL's path and in a topic.

/// The longest name of a charger, in characters: OCPP 2.0.1 part 4 §3.1.1 (`identifierString`, 48).
const MAX_CHARS: usize = 48;

/// What OCPP's `identifierString` has besides letters and digits, without `+`.
const SIGNS: &str = "*-_=:|@.";

/// A name that no charger may connect with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChargerIdError {
    /// Empty, or longer than 48 characters.
    #[error("a charger id has 1 to 48 characters, this one has {chars}: configure a shorter one in the charger")]
    Length {
        /// Its characters.
        chars: usize,
    },
    /// `+` stands for any charger in a topic of MQTT, so OCPP's alphabet is narrower here.
    #[error("charger id {id:?} has a '+', which means any charger in MQTT: configure an id without it in the charger")]
    Wildcard {
        /// The name.
        id: String,
    },
    /// A character outside of OCPP's alphabet.
    #[error("charger id {id:?} has {character:?}: use letters A-Z a-z, digits and * - _ = : | @ . only")]
    Character {
        /// The name.
        id: String,
        /// The first character that does not belong.
        character: char,
    },
}

/// Checks a name: 1 to 48 of `A-Z a-z 0-9 * - _ = : | @ .`.
pub(super) fn check(id: &str) -> Result<(), ChargerIdError> {
    let chars = id.chars().count();
    if !(1..=MAX_CHARS).contains(&chars) {
        return Err(ChargerIdError::Length { chars });
    }
    match id.chars().find(|&character| !character.is_ascii_alphanumeric() && !SIGNS.contains(character)) {
        None => Ok(()),
        Some('+') => Err(ChargerIdError::Wildcard { id: id.to_owned() }),
        Some(character) => Err(ChargerIdError::Character { id: id.to_owned(), character }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_of_ocpp_without_plus() {
        assert_eq!(check("AZaz09*-_=:|@."), Ok(()));
        assert_eq!(check(&"x".repeat(48)), Ok(()));
        assert_eq!(check(&"x".repeat(49)), Err(ChargerIdError::Length { chars: 49 }));
        assert_eq!(check(""), Err(ChargerIdError::Length { chars: 0 }));
        assert!(matches!(check("+"), Err(ChargerIdError::Wildcard { .. })));
        for id in ["a/b", "a#", "$a", "é", "a b"] {
            assert!(matches!(check(id), Err(ChargerIdError::Character { .. })), "{id}");
        }
    }
}
