//! Names that the service derives from ids.

use uuid::Uuid;

/// `u_` and the identity's id in base 32, which old fields have instead of a username.
pub(super) fn legacy_username(identity: Uuid) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    const DIGITS: u32 = 26;
    // 128 bits are 25.6 digits, so the last one is padded with zeros.
    let bits = identity.as_u128();
    let digit = |n: u32| {
        let worker_scope = 128_i64 - 5 * (i64::from(n) + 1);
        let value = if worker_scope >= 0 {
            bits >> worker_scope
        } else {
            bits << -worker_scope
        };
        char::from(ALPHABET[usize::from((value & 31) as u8)])
    };
    std::iter::once('u')
        .chain(std::iter::once('_'))
        .chain((0..DIGITS).map(digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_its_base32_as_username() {
        assert_eq!(
            legacy_username(Uuid::nil()),
            format!("u_{}", "a".repeat(26))
        );
        assert_eq!(
            legacy_username(Uuid::max()),
            format!("u_{}4", "7".repeat(25))
        );
        assert_eq!(
            legacy_username(Uuid::from_u128(1)),
            format!("u_{}e", "a".repeat(25))
        );
    }
}
