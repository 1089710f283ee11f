//! Which registers count energy that flows to the car (OBIS, IEC 62056-6-1, with OCMF's own codes).

/// Group C of the import registers: active energy import, import of one transaction (98, as DC meters send it), and
/// total and transaction import at the mains (B0, B2) and at the car (B1, B3; OCMF 1.4, table 25).
const IMPORT: [&str; 6] = ["1", "98", "B0", "B1", "B2", "B3"];

/// Group D: a register that accumulates (time integral 1), as opposed to power, time or a single period.
const ACCUMULATED: &str = "8";

/// Whether the register accumulates imported electricity, in any of the notations that meters use: `1-b:1.8.0`,
/// `1-0:1.8.1`, `01-00:B2.08.00*FF`, `01-00:01.08.00.FF`, `1.8.0`.
///
/// Groups are compared as text: codes of OCMF 1.4 are hexadecimal, others decimal, and none of those above is both.
pub(crate) fn is_import(register: &str) -> bool {
    let code = register.trim().to_ascii_uppercase();
    let (medium, groups) = code.split_once(':').unwrap_or(("1", &code));
    let mut groups = groups.split(['.', '*']).map(unpadded);
    let electricity = medium.split('-').next().map(unpadded) == Some("1");
    electricity && groups.next().is_some_and(|c| IMPORT.contains(&c)) && groups.next() == Some(ACCUMULATED)
}

fn unpadded(group: &str) -> &str {
    group.trim_start_matches('0')
}
