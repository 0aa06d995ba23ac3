// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Tokens and keys made once for these tests, with Python's joserfc: see GibbonPluginsTests. Valid ones expire in the
/// year 2100. The name of a token's credential (`iss`) is its algorithm.
enum SignedTokens {
  /// Of the HS… tokens.
  static let secret = "not-a-real-secret-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"

  static let byAlgorithm: [String: String] = [
    "HS256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.UMd_XlhYmt8wimx2Np5E10LeTRwavyf_QLhjW1KdltY
    """,
    "RS256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJSUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.Ug8kyKPixbwd3wztjC5JmP1lBhBs9qW07fdxSz6uTxAvhpXh3J0L8JFtlHjPBzSylMUwNgjwF15fP6zUfCBQy3INFy\
    8UIzO3uwJTT9k9XinnLeXXtD1WgTpfRZtjsf2ZnKJxE1TDXKaaLGvmK7apfruNFdbGK5FkwrZN9VqEYfpM-G5AzLRQPfuKNuBhVO7PCx_\
    F59MB2ToVhmSpb43qNEAE02EpfKJc0A0GyoUS-OBHrfvOYMw-4qprT10c9PnfzQcp6tdU9rZV6J28JMZiaEqh0pPDs0AlTjzRcQNHMdpt\
    JJOKS2T-uDPY9uf4Z_Lf93CizC2VrhE6wUizDAH98Q
    """,
    "PS384": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzM4NCJ9.eyJpc3MiOiJQUzM4NCIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.q_BO1WSn7u2Casy2sTa4A6ZLsIBwn6j8eJBjR4v-p9tBiPSy3AbC64mxEAy39crFYAfoGasH58bGi5kceIs56Kpef-\
    VTYGIS4kXzydRtxPyIAk11nY-uNDo3rdzHDZNQfeFDrvcsJcSLPkl9Xg9BqQeIe4QfnuzQYcANCrEs6S3fRzOGFol-rryx9yddcWRlKLY\
    2vbzt8UOkOSNPNphQsTXbZiB5Ta2LmT1XzF2n5vavbfUt4mkrT7-Zb2Hz6NqOJtznYotSBVotOVOo4xdZcRoMVps8_Q7RuYutGCWOcSJH\
    ikUpBTs8jvUcpBHskY76jbt9cE8N-5_BvkJVGfkrQw
    """,
    "ES256": """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJFUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0\
    MTAyNDQ0ODAwfQ.W8wPk1I2w8SC509lnRsNAdueh3L1iU91MewZ4m_5CWgzDnompkQHdk1GmRekEE4Pj4h7kCehrcA0Bs4SA8VE-Q
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

  /// Signed with another secret.
  static let otherSecret = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MT\
    AyNDQ0ODAwfQ.GWjg8n8Ls52vYVj8mQk4LIdInIm2l7oP7O3AGcdOeMA
    """
  /// Expired in 2020.
  static let expired = """
    eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJIUzI1NiIsImV4cCI6MTYwMDAwMDAwMH0.ZO2R4KmeoRHDxVD9cEFPdtegqW\
    Y76l0KBwrT8uAV9x8
    """
  /// Says HS256, and is signed with the text of the RSA public key as the secret.
  static let confused = """
    eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJSUzI1NiIsInN1YiI6ImFubiIsIm5iZiI6MTYwMDAwMDAwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.w_Z\
    VVJF5bA5d25ji7PvzSaunFh-j9be7pAOPbQQsmRg
    """

  /// The public keys, in PEM.
  static let keys: [String: String] = [
    "RS256": Self.rsa,
    "PS384": Self.rsa,
    "ES256": """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEM+awQURz3Pur55O9ZiEEnie2RfJN
    4Ybk22buNuwpUeGX1J0v8MQnf++7tKpq9alnradRGrk4QeLUJ6Gq6gSj7A==
    -----END PUBLIC KEY-----
    """,
    "ES512": """
    -----BEGIN PUBLIC KEY-----
    MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBbDRkh3G5hRbg6JyYCvKC5hHJOO/y
    IR0YnqSt8Bc1Zr802Co7T2qJy7HRbV3ugb7ISn0za0JigLQvYJ1U8MBspa0A1ypq
    okHJNlroj3rhmhhpRa4XP9+f7xR3ClnswJxmGB604V+h148I/VmltFSitLY6gL//
    pJIA4xqN9pzs9R23cAY=
    -----END PUBLIC KEY-----
    """,
    "EdDSA": """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAQeQdteXKEP1+f8EyzsYAU2je1J4ARV+fwdVqfP7aYSc=
    -----END PUBLIC KEY-----
    """,
  ]

  private static let rsa = """
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
}
