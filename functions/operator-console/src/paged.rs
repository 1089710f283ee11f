//! A list that is read as a whole and shown a page at a time.

/// In which order a list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By its names, from the first on.
    Forward,
    /// From the last on: names begin with an instant, and the latest comes first.
    Latest,
}

/// A name in the table as a part of an address, for those who forget to escape it: no name has an exclamation mark.
pub(crate) fn cursor(name: &str) -> String {
    name.replace('#', "!")
}

pub(crate) fn of_cursor(cursor: &str) -> String {
    cursor.replace('!', "#")
}

/// At most `limit` of a list behind a name, and the name behind which the next page begins. What was listed there may be gone
/// by then, or more may have come: each is shown once, as far as it stays.
pub(crate) fn page<T>(
    items: Vec<T>,
    name: impl Fn(&T) -> String,
    order: Order,
    (after, limit): (Option<&str>, usize),
) -> (Vec<T>, Option<String>) {
    let after = after.map(of_cursor);
    let is_behind = |name: &str| match order {
        Order::Forward => after.as_deref().is_none_or(|after| name > after),
        Order::Latest => after.as_deref().is_none_or(|after| name < after),
    };
    let named = items.into_iter().map(|item| (name(&item), item));
    let mut waiting: Vec<(String, T)> = named.filter(|(name, _)| is_behind(name)).collect();
    waiting.sort_by(|(a, _), (b, _)| match order {
        Order::Forward => a.cmp(b),
        Order::Latest => b.cmp(a),
    });
    let more = waiting.len() > limit;
    waiting.truncate(limit);
    let next = waiting.last().map(|(name, _)| cursor(name)).filter(|_| more);
    (waiting.into_iter().map(|(_, item)| item).collect(), next)
}

#[cfg(test)]
mod tests {
    use super::{Order, page};

    fn through(order: Order, limit: usize) -> Vec<u8> {
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let (some, next) = page(vec![3_u8, 1, 2, 5, 4], u8::to_string, order, (after.as_deref(), limit));
            found.extend(some);
            if next.is_none() {
                return found;
            }
            after = next;
        }
    }

    #[test]
    fn pages_together_are_the_list_in_its_order() {
        for limit in 1..=6 {
            assert_eq!(through(Order::Forward, limit), [1, 2, 3, 4, 5], "{limit}");
            assert_eq!(through(Order::Latest, limit), [5, 4, 3, 2, 1], "{limit}");
        }
    }

    #[test]
    fn a_cursor_needs_no_escaping_and_is_the_name_again() {
        let names = || vec!["2026-03-02T09:00:00.000Z#a#1", "2026-03-02T09:00:00.000Z#b#2"];
        let (_, next) = page(names(), ToString::to_string, Order::Forward, (None, 1));
        assert_eq!(next.as_deref(), Some("2026-03-02T09:00:00.000Z!a!1"));
        let (rest, _) = page(names(), ToString::to_string, Order::Forward, (next.as_deref(), 1));
        assert_eq!(rest, [names()[1]]);
    }

    #[test]
    fn what_is_gone_in_between_moves_nothing() {
        let (_, next) = page(vec![1_u8, 2, 3], u8::to_string, Order::Forward, (None, 2));
        let (rest, next) = page(vec![1_u8, 3], u8::to_string, Order::Forward, (next.as_deref(), 2));
        assert_eq!((rest, next), (vec![3], None));
    }
}
