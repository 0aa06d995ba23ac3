// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Tokens and keys made once for these tests, with Python's joserfc and cryptography: another library than the one that
/// verifies them. The keys were made for nothing else.
///
/// Valid tokens expire in the year 2100. The name of a token's credential (`iss`) is its algorithm.
public enum SignedTokens {
  /// Of the HS… tokens.
  public static let secret = "not-a-real-secret-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"
  /// The bytes 200 to 255, of `binary`: in base64 it has the digits that the two alphabets differ in.
  public static let binarySecret = "yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8="

  /// One that is valid, by algorithm.
  public static let byAlgorithm: [String: String] = [
    "HS256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.UMd_XlhYmt8wimx2Np5E10LeTRwavyf_QLhjW1KdltY
    """,
    "HS384": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzM4NCJ9.eyJpc3MiOiJIUzM4NCIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.mgnH0h0EWWQ0ksRCJpbHlF8p5kmxV0TMshCRlB8OHc8OR2iGqVeR6tkujvZSFWq7
    """,
    "HS512": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJpc3MiOiJIUzUxMiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.6MzDyU2NxBHDz8d5budCq0DiHYwHsN2EhmU1eY3RbFzny4voFM4Yt9rdoTRSUpLSrYjHUztwRbiWkEtffhMWkQ
    """,
    "RS256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJSUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.Ug8kyKPixbwd3wztjC5JmP1lBhBs9qW07fdxSz6uTxAvhpXh3J0L8JFtlHjPBzSylMUwNgjwF15fP6zUfCBQy3INFy\
    8UIzO3uwJTT9k9XinnLeXXtD1WgTpfRZtjsf2ZnKJxE1TDXKaaLGvmK7apfruNFdbGK5FkwrZN9VqEYfpM-G5AzLRQPfuKNuBhVO7PCx_\
    F59MB2ToVhmSpb43qNEAE02EpfKJc0A0GyoUS-OBHrfvOYMw-4qprT10c9PnfzQcp6tdU9rZV6J28JMZiaEqh0pPDs0AlTjzRcQNHMdpt\
    JJOKS2T-uDPY9uf4Z_Lf93CizC2VrhE6wUizDAH98Q
    """,
    "RS384": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJSUzM4NCIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.W9QAZuduaMSLDYHXWIUS1CTyk18h0zRn4AZG8o-A-ftsxhN8wnC_wz3sqUvSBtwdM1JdFfNd6iyt9M2pDB1-OtQSZy\
    s4k78UPGwQNxo3YxI5n3tLPEr9gKgu7F7bRzMK94yzwfVjQyw4LFvYoUbZxiw9eKhdWC3E1t1DQpGqPOp7daCSNAJVfbwmiVYY173Sp1b\
    NloLCXjICbF_Gf-aDj5uvW5C-rY9CVorNVea33NTi7NcO7bnaTeG6KxSrHsmHfIanwTdh-zHW0TrCMUZ7j94bD4NJPEULmJKwOV77MV_t\
    i2R7d6UdfYv0Vr-P4fam8nleBBUBFFDK66iUtS85OQ
    """,
    "RS512": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiJ9.eyJpc3MiOiJSUzUxMiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.Oqc5J7mfjUwte00c6FSqEXt6Agvi6rsVgTngj585gStCyvApw8qgsVHpVUQ6nizVIlIa0cOLQg9ZKXdIWKDrIonfDX\
    qGXYyZrE36lBg-v33grFAJl41LEg3LSmAVHClaTky5ARUri1orwpXYeJDG5ZLCvLczo9GIlUqQainclqKliOfwt_XREOWaSMwgJNOAyHy\
    Tys9fij36osLub1bCvo4NpAW8aO1IOV9W5wHTpslHzvHOZt0FvPbqNG29MRiMnmrpqIbI6DyxTkkhz9u4QrnasG0NCKs5x9kldpjX4cMi\
    bz5x2aPNxeIQ463WE1Ubn-GAjER3No6Jvk20YJLF8w
    """,
    "PS256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJQUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.SERDPm0oojBoDDU65qjKcsi81szxbYRlAszsVaythjuCebmX2DK2qHHAqE7aNbRFs7nFKtfnOlRYAK0uqRdfnBnust\
    aTGTg2S9WHfxlkRWmDTbRG-4EE1zYfxpk9U97gQGcWjlm_DzZJsZotafAVX4VAfxnFEeMPfWKaWeC7909aqoCPQqCsIiClClanfYmF0LE\
    46JclqMKiybCA-FKL-HYhTazZZs77cuYSe7ZmIkz3dzydvvWLWtH3UuGLvE-ZaDC4y8GsqkbkhmnHwmir-lxbwQZPRGtF_307Sgwt588B\
    YpOn3vBPNarMLSm6QS7C8DngoWbrvUyTqok10BRqLw
    """,
    "PS384": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzM4NCJ9.eyJpc3MiOiJQUzM4NCIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.q_BO1WSn7u2Casy2sTa4A6ZLsIBwn6j8eJBjR4v-p9tBiPSy3AbC64mxEAy39crFYAfoGasH58bGi5kceIs56Kpef-\
    VTYGIS4kXzydRtxPyIAk11nY-uNDo3rdzHDZNQfeFDrvcsJcSLPkl9Xg9BqQeIe4QfnuzQYcANCrEs6S3fRzOGFol-rryx9yddcWRlKLY\
    2vbzt8UOkOSNPNphQsTXbZiB5Ta2LmT1XzF2n5vavbfUt4mkrT7-Zb2Hz6NqOJtznYotSBVotOVOo4xdZcRoMVps8_Q7RuYutGCWOcSJH\
    ikUpBTs8jvUcpBHskY76jbt9cE8N-5_BvkJVGfkrQw
    """,
    "PS512": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzUxMiJ9.eyJpc3MiOiJQUzUxMiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.exjS5rN91InoJonaGDBb12CPubyvTJvToh2cntJYaDMcTjC1iWvAZuUgCl64yDDrRKvSVAjiwKRQ7nM4j2ePEWa4Al\
    dbpmYNpZWzdZhvCEQcbM0svVoXDeTKtNQM-IAJkgbSiMJj32g1n4FoH-gvrLhsWGNWY8F0o0v-0lBHjpi_BPGupKAX8Xpw9Js7X1kvlNN\
    UvWzns6sidxiO7SaSMQsMvDIBVkP4th-nIiuTa6WFZIeowy5-ciwYDxheg8UrWvreCD-B0JaUvtS1yYsNkbdJeO17e-DsJQ8UUrHh5dgs\
    op_oNJ6aMFWkzRkckRnpig-6lpGElSayxK50GQg-hg
    """,
    "ES256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJFUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.W8wPk1I2w8SC509lnRsNAdueh3L1iU91MewZ4m_5CWgzDnompkQHdk1GmRekEE4Pj4h7kCehrcA0Bs4SA8VE-Q
    """,
    "ES384": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJFUzM4NCIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.5Sw0GFcdIudFafI8FnoRyG7oiu-JN3PH-2TZ7m8gK3idtS9UxxK2ca0wCBAoaMOwVWIAxpd3p1YW7fOOy-O5OMhxdz\
    sP-ncmeAzcV38nAYhJ5UTH5zpo46WyGKhGwbkj
    """,
    "ES512": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzUxMiJ9.eyJpc3MiOiJFUzUxMiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.AGxxmO7txMwyayrckliedsN9f48gx5LAxr3e1GWLGxFHruaSx6K9uJ5Qtm6M2sqhtWXXR7FFxk-zWwQ9yTBKWKeYAK\
    acdkeaj0xikUOIUE4vbRD2PCdt9M3E1Sv2cwkX3qhsEkdkZw5tX3MffyvVbRXkQ87h2LIF8ELUgeSBRL1f9MC6
    """,
    "EdDSA": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9.eyJpc3MiOiJFZERTQSIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.O5q8BKn44E9EwWoJObLgzqAnJbxEQfJK_ElHpDQa57M6_-72ziP4iBx5srqpALKD38LUvt4_Xgf3RFYibJIoBQ
    """,
  ]

  /// Expired in 2020.
  public static let expired = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6MTYwMDAwMDAwMH0.ZO2R4KmeoRHDxVD9cEFPdtegqW\
    Y76l0KBwrT8uAV9x8
    """
  /// Valid from 2100 on.
  public static let notYet = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6NDEwMjQ0NDgwMCwibmJmIjo0MTAyNDQ0ODAwfQ.4J6\
    nR1maE_Oaqm_-4ArNkyOQ-HAOueodof-FWpP0gfs
    """
  public static let expiredAndNotYet = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6MTYwMDAwMDAwMCwibmJmIjo0MTAyNDQ0ODAwfQ.82V\
    9LdhT20F19fg2avqwBXbrXRcESItmjZKCyPkZ1tU
    """
  /// With `exp` as a text and `nbf` as null.
  public static let worded = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6IjQxMDI0NDQ4MDAiLCJuYmYiOm51bGx9.IwiSU00cO\
    rEmbZU38xjz7BLw0AimTDO0G0nAhGyhrzM
    """
  /// Without `exp` and `nbf`.
  public static let timeless = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiJ9.gxM9ea8rwZ9JbIsVR91Y16HWca7t20CaqOrXkhhwgDo
    """
  /// Expires 60 seconds after the time of a `FakeRequest`.
  public static let within60 = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6MTcwMDAwMDA2MH0.RU6ygKdtuwdaTzT-q4WhYpPFL1\
    KqWu3ogzZxqEXqIFQ
    """
  /// Expires half a second after the time of a `FakeRequest`.
  public static let fractional = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6MTcwMDAwMDAwMC41fQ.gVPuxH7GoyxBPDqZXplp7Q2\
    NYqvkPV1CZtAOTxdn3Aw
    """
  /// Names its credential in the header, as `kid`.
  public static let named = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6IkhTMjU2In0.eyJzdWIiOiJhbm4ifQ.EursyKemSh4O4vi_0MWOu7qFvRcrfu7y\
    caYPjqahgbM
    """
  public static let nameless = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.PE2zADndNa5gA0rURfYFVuBxYUYKqqLPoCBXLP66SSo
    """
  public static let emptyName = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiIifQ.fOgHaaoSXysT2tYB0SoU5IENh2S4mWFggW8ou7yZe7A
    """
  /// `iss` is a number.
  public static let numberName = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOjI1Nn0.psVvbX4sxvtontqsMwXMyXIKzeyVaHuDI3W3sxNFcUs
    """
  public static let unknown = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJub2JvZHkifQ.z_mlktfhGBmw9Ng0h4OeP4YvirIizeBiouZCSFshGuQ
    """
  /// Signed with another secret.
  public static let otherSecret = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MT\
    AyNDQ0ODAwfQ.GWjg8n8Ls52vYVj8mQk4LIdInIm2l7oP7O3AGcdOeMA
    """
  /// Of the credential `binary`.
  public static let binary = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJiaW5hcnkiLCJzdWIiOiJhbm4iLCJuYmYiOjE2MDAwMDAwMDAsImV4cCI6ND\
    EwMjQ0NDgwMH0.-UnuvX0pd1HT2Nj9_-xLWDEX3omFF4ji9b-yBFn5pNA
    """
  /// Says HS256, and is signed with the text of the RSA public key as the secret.
  public static let confused = """
    eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJSUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.w_Z\
    VVJF5bA5d25ji7PvzSaunFh-j9be7pAOPbQQsmRg
    """
  /// Says `none`.
  public static let unsigned = """
    eyJhbGciOiJub25lIn0.eyJpc3MiOiJIUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.
    """
  /// Its claims are an array.
  public static let arrayClaims = """
    eyJhbGciOiJIUzI1NiIsImtpZCI6IkhTMjU2IiwiaXNzIjoiSFMyNTYifQ.WzEsMl0.3O45l6ruhcn7Qkc49tNGYwjhBDbK1gu-Bv1o9mPV\
    k4c
    """
  /// `iss` is null in the claims and right in the header.
  public static let nullName = """
    eyJhbGciOiJIUzI1NiIsImlzcyI6IkhTMjU2In0.eyJpc3MiOm51bGx9.Byo_Co12cmso4JEdOia2N2Jso45BP_uvlDAjh0qobrI
    """
  /// An ES256 signature in DER, not as two numbers.
  public static let derSignature = """
    eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJFUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.MEU\
    CIQCYG-KcKiheLdeAstv6qh_ZONJc3rBw2RsKoEHLbEKtUgIgXpASmp0SwBeNkDSDbvBAWlN1B8qx8Qd4UiqDCWwA42A
    """
  /// A PS256 signature with as much salt as fits.
  public static let longSalt = """
    eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJQUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.ZZq\
    JN3o6YuGrGjOCvVvRCFhgA5YFMSKDC_DZqdke1Q05Vof1I5I4e2l8PL01f8LVLe_qFNQtnqOHSjirl6vIERIJB8V_1FSCU_ClBzur8vxchL\
    9cMEuAS5v2diYXRSuC9NNCKRwNH0xOSX68MaxUpDG608HjkNlnqiTVqsDp_oxj_uBZ83oMY_jXKERMG5V5P2-Zd8NU6NUIJ-Tno5kC5FRUv\
    OmeLxPb0SUCSYOAPRQ5weF0L__LXo8x7t26pEr6rxwTqd7dGGZtI6GZGOCseCyuvNFmUD_jEAauNfL-IQu9CX2C9nuaIMDlKvTkk2sfjSB_\
    I850hjCBvVcDwk18Eg
    """
  /// Signed with the key of 1024 bits.
  public static let shortRSA = """
    eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJSUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.lpl\
    81wUfyi2kR42AG2SekrwNZWV6_qWRxsAvA1RShmp0cUGdSa1zREmDaQ9_M1wPB-u5sReH3Je5KtkwVLoDbOaSULErXGQT2LR3gbhY0KTVrM\
    0nXX-au_5t21zLMKueYBBwMEnfSlOdyVZ-PDKs1MyyHM7EdW69vzTqB12gzK4
    """
  /// Signed with Ed448.
  public static let ed448 = """
    eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJFZERTQSIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.N1O\
    6dqXRL8vtCSNDl74nXZo0syMneKlbpwQDcpvE3dGXXSZQiF0_WtZR_8kVvy3b4noU1o7wTf2Alo8BlZOngGXcTSt-dp_Wfr-Awb05hBskV2\
    QyUdItYEf5oqmIgj6c3xauUVS3LPJn5YnTjtu7HRYA
    """
}

/// The keys of the tokens, in PEM.
public enum TokenKeys {
  /// The key that verifies a token of `SignedTokens.byAlgorithm`; none for those with a secret.
  public static let byAlgorithm: [String: String] = [
    "RS256": rsa, "RS384": rsa, "RS512": rsa, "PS256": rsa, "PS384": rsa, "PS512": rsa, "ES256": p256, "ES384": p384,
    "ES512": p521, "EdDSA": ed25519,
  ]

  public static let rsa = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsh6lvYCqd4qQn1u8OFCv
    I8dKbp3V0C7Dxi04SiGRqPWYc+e9OVRpP5iUUpZMoaIPVraTiB1MJJS0HqkhDxHr
    zZBrjp1b4rknXpDusb4qnbgyPE4hmJchaFNMiRn89+EiEsYQeU4gJAiauZP0e/e/
    5Vb5oi+RYzMKLswqS9+3zqr2Wdg82/RAb5XtefLpU9/i6d7XwsB7w7vtBEQ4VUsI
    zT634DzhZsaoCYgj1+1L0srwnXWYSzdnSK+PL45Cji1zJ+Bj/joq1dKc11ch6Ise
    3G9JngWubSY/Gt77JatohJeELA7LBRoL5PCy3gZ2MP2oyM2f8avXNpR9kAIu+lDl
    NQIDAQAB
    -----END PUBLIC KEY-----
    """
  public static let p256 = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEM+awQURz3Pur55O9ZiEEnie2RfJN
    4Ybk22buNuwpUeGX1J0v8MQnf++7tKpq9alnradRGrk4QeLUJ6Gq6gSj7A==
    -----END PUBLIC KEY-----
    """
  public static let p384 = """
    -----BEGIN PUBLIC KEY-----
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEDsHwc4BGljCK0yaABvLKnqQkiW1Uf82g
    dIamOjGQGbMYnt+KMagT1eymdzNvjZwNPtIEpkUrcubsNKFdrvXlOfAGN5aOL2D9
    cFFqx82WEWF/nalptVN/RaSnWCA8yhPF
    -----END PUBLIC KEY-----
    """
  public static let p521 = """
    -----BEGIN PUBLIC KEY-----
    MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBbDRkh3G5hRbg6JyYCvKC5hHJOO/y
    IR0YnqSt8Bc1Zr802Co7T2qJy7HRbV3ugb7ISn0za0JigLQvYJ1U8MBspa0A1ypq
    okHJNlroj3rhmhhpRa4XP9+f7xR3ClnswJxmGB604V+h148I/VmltFSitLY6gL//
    pJIA4xqN9pzs9R23cAY=
    -----END PUBLIC KEY-----
    """
  public static let ed25519 = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAQeQdteXKEP1+f8EyzsYAU2je1J4ARV+fwdVqfP7aYSc=
    -----END PUBLIC KEY-----
    """
  public static let ed448 = """
    -----BEGIN PUBLIC KEY-----
    MEMwBQYDK2VxAzoAlstoPlPpqFSorO5o0QjY0MHLzW7CpeAoXrG0z5rG9XOLlOTe
    CV3RTbOmC9buOFL8ZmSLEDXR8tYA
    -----END PUBLIC KEY-----
    """
  public static let secp256k1 = """
    -----BEGIN PUBLIC KEY-----
    MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEBxHhrhA5XfX927v02kwJs2a0NXerEfUq
    uLVgsTw9H2tb6i8Ovq0gh782VtgtFtz6TRskGonzJdWF+/XoBq5iNQ==
    -----END PUBLIC KEY-----
    """
  public static let rsaPKCS1 = """
    -----BEGIN RSA PUBLIC KEY-----
    MIIBCgKCAQEAsh6lvYCqd4qQn1u8OFCvI8dKbp3V0C7Dxi04SiGRqPWYc+e9OVRp
    P5iUUpZMoaIPVraTiB1MJJS0HqkhDxHrzZBrjp1b4rknXpDusb4qnbgyPE4hmJch
    aFNMiRn89+EiEsYQeU4gJAiauZP0e/e/5Vb5oi+RYzMKLswqS9+3zqr2Wdg82/RA
    b5XtefLpU9/i6d7XwsB7w7vtBEQ4VUsIzT634DzhZsaoCYgj1+1L0srwnXWYSzdn
    SK+PL45Cji1zJ+Bj/joq1dKc11ch6Ise3G9JngWubSY/Gt77JatohJeELA7LBRoL
    5PCy3gZ2MP2oyM2f8avXNpR9kAIu+lDlNQIDAQAB
    -----END RSA PUBLIC KEY-----
    """
  public static let shortRSA = """
    -----BEGIN PUBLIC KEY-----
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCDJQN+DvShBGaeo2ayan9KSxn
    PpPNEh9CtvS89Ky4J82PiOKhZDzS/CCkJli2whszn+fO3T33jJrUgNjnctRT6Y95
    5YncC/QVJKmiOGvGTLT+UGNCxdpW1zDD7CCJTv48jqvIMC6nqq4jxlJgyImbaRH6
    VuosBvVM/jZU/GiS7QIDAQAB
    -----END PUBLIC KEY-----
    """
  public static let p256Private = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrg5tQrt/n++RCbbi
    73pyC9eDcU4JEeiNkTpfavv2eFWhRANCAAQz5rBBRHPc+6vnk71mIQSeJ7ZF8k3h
    huTbZu427ClR4ZfUnS/wxCd/77u0qmr1qWetp1EauThB4tQnoarqBKPs
    -----END PRIVATE KEY-----
    """
  public static let p384SEC1 = """
    -----BEGIN EC PRIVATE KEY-----
    MIGkAgEBBDBJ/0j20krt8jWEho39BG7Ew2TjW8W0Nl73gURiHxEX+hhUlcTKOGPg
    RSDhEAfyalugBwYFK4EEACKhZANiAAQOwfBzgEaWMIrTJoAG8sqepCSJbVR/zaB0
    hqY6MZAZsxie34oxqBPV7KZ3M2+NnA0+0gSmRSty5uw0oV2u9eU58AY3lo4vYP1w
    UWrHzZYRYX+dqWm1U39FpKdYIDzKE8U=
    -----END EC PRIVATE KEY-----
    """
  public static let ed25519Private = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIATlmlcb2czak+cVlmTIbaWPfNi+rJSXqmEiF3SFRRJa
    -----END PRIVATE KEY-----
    """
  public static let shortRSAPrivate = """
    -----BEGIN RSA PRIVATE KEY-----
    MIICXAIBAAKBgQDCDJQN+DvShBGaeo2ayan9KSxnPpPNEh9CtvS89Ky4J82PiOKh
    ZDzS/CCkJli2whszn+fO3T33jJrUgNjnctRT6Y955YncC/QVJKmiOGvGTLT+UGNC
    xdpW1zDD7CCJTv48jqvIMC6nqq4jxlJgyImbaRH6VuosBvVM/jZU/GiS7QIDAQAB
    AoGAfLOgoamYqBx/Q4rmXUajmzFOe7rXOL4goLr6ZEPIiz/o9gi9u4GzJNMqFtMd
    x7TNzktAqMu8+sy84zs6KOK+V17Q3PbMOGJOwvWHaeZjgGIlSVwDAA5uOEHGki9U
    RCT720ZAWyh0e59xXh1/XMXVHB0pkObpNYspp5S8bvVIMXECQQD03uIQMrOoMrAb
    I6EnMSGOjTSFHY/XaabtTy50rrFuqdxuFnwE6iq10oai93RRmau8/u24GiHoqlY2
    LZ9qszrTAkEAyt5gmC8eL9OMpIJu+qIOva7tZ+ZKiycxzEYrl74q4EGzcBdw1Eyb
    wzP8KdBMArSyKzN4qwFelQvaXksQP8zjPwJAKgAk1FRt/labYDxPQvKpZ9MOhBqa
    9n7Xs/KV7EuegXW/Kl7O7OThaIhwsXkySWDLVUKAschBsq+s0+QlaN7PIwJBAImi
    a6h0Nye9f+rQr1iNgDDCsEDQZfyYn9l2NfciRtaU3JeM37i5LOg3qbn4nskrLMHQ
    jup96Fx4iTN1+9U9PWMCQEaTPoqg7rrqaaZB7r/jtJSCpYLJWejsgH//eHkHnR9s
    TpCi7iu5TfG+/zwy4T5K71GGSUTmoKIVAn5ne4yyS90=
    -----END RSA PRIVATE KEY-----
    """
}
