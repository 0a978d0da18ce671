//! What a run is known by: the same settings give the same name.

/// The hash of Fowler, Noll and Vo, which is the same everywhere and always.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
