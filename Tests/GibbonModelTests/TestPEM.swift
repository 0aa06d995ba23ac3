// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Throw-away certificates and keys for no name that exists, made for these tests and used nowhere else.
enum TestPEM {
  /// A certificate authority on an elliptic curve.
  static let authority = """
    -----BEGIN CERTIFICATE-----
    MIIBOTCB4aADAgECAhQrqjeFi97HaL83M0RkJ1PKW/3uMzAKBggqhkjOPQQDAjAS
    MRAwDgYDVQQDDAdjYS50ZXN0MCAXDTI0MDEwMTAwMDAwMFoYDzIxMjQwMTAxMDAw
    MDAwWjASMRAwDgYDVQQDDAdjYS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
    QgAE6BnyHiHdaJofNBt1JpZ+7sD4xIgQTKIcdYp6FmBUtGwGXs0D9qzIuigszf1d
    CjvlStya/pSNvjqSnZK05pJsG6MTMBEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjO
    PQQDAgNHADBEAiBlok5tc5rgpnwmKqBYMnL1p5mm63eqIyynjktnecDUwQIgMY1C
    /tBD84t/lpuJHMfhMf8D/aw6K+d+2fFM87FvIzI=
    -----END CERTIFICATE-----
    """

  /// Of the same key, and no authority.
  static let leaf = """
    -----BEGIN CERTIFICATE-----
    MIIBPDCB4qADAgECAhQQldXDl7YlDXKOiUxDO1h5EAx7mTAKBggqhkjOPQQDAjAU
    MRIwEAYDVQQDDAlsZWFmLnRlc3QwIBcNMjQwMTAxMDAwMDAwWhgPMjEyNDAxMDEw
    MDAwMDBaMBQxEjAQBgNVBAMMCWxlYWYudGVzdDBZMBMGByqGSM49AgEGCCqGSM49
    AwEHA0IABOgZ8h4h3WiaHzQbdSaWfu7A+MSIEEyiHHWKehZgVLRsBl7NA/asyLoo
    LM39XQo75Urcmv6Ujb46kp2StOaSbBujEDAOMAwGA1UdEwEB/wQCMAAwCgYIKoZI
    zj0EAwIDSQAwRgIhAMXgRybcf55PrZjWWUGeBdl7AciseCp69KyUB1gYod/MAiEA
    0W/nFWEOa4QAx1ouBeiASIDOIvUk3byV6m7R/h2WO+I=
    -----END CERTIFICATE-----
    """

  /// An authority of the same key whose time is over.
  static let expired = """
    -----BEGIN CERTIFICATE-----
    MIIBOTCB4aADAgECAhQRTJXkMFbPqZxaxSUlDDFY5Jg6njAKBggqhkjOPQQDAjAT
    MREwDwYDVQQDDAhvbGQudGVzdDAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAw
    MDBaMBMxETAPBgNVBAMMCG9sZC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
    QgAE6BnyHiHdaJofNBt1JpZ+7sD4xIgQTKIcdYp6FmBUtGwGXs0D9qzIuigszf1d
    CjvlStya/pSNvjqSnZK05pJsG6MTMBEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjO
    PQQDAgNHADBEAiA9E4bIEwkaDEe1U9jt3XZ9/+H8c9/FE9yXy1Xw2iTM9wIgE2F/
    6YiaveAOBZVB2tx7X8gT9skOK2+h7WJigZYGiOY=
    -----END CERTIFICATE-----
    """

  /// The key of those.
  static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglHk/bxY3ylOuHgJR
    bYRIWSzex34JKzL429K3oVBPucWhRANCAAToGfIeId1omh80G3Umln7uwPjEiBBM
    ohx1inoWYFS0bAZezQP2rMi6KCzN/V0KO+VK3Jr+lI2+OpKdkrTmkmwb
    -----END PRIVATE KEY-----
    """

  /// Another key of the same kind.
  static let otherKey = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0GVuFGKURm4xmBiO
    ChluhwvZroIZIk7Gl6zgsAa+jRKhRANCAAQBgL/ohTly24ohKwjNjIRV0D7ml7IV
    Ct2p/urVPlG0kyeEmAVWlQo2ecO6gBtjan1kRl3FgKzU/VbIpMguVOqI
    -----END PRIVATE KEY-----
    """

  /// A pair of another kind.
  static let rsa = """
    -----BEGIN CERTIFICATE-----
    MIICyTCCAbGgAwIBAgIUYkwDCxYO9oW9nJZGRx363KcQB3owDQYJKoZIhvcNAQEL
    BQAwEzERMA8GA1UEAwwIcnNhLnRlc3QwIBcNMjQwMTAxMDAwMDAwWhgPMjEyNDAx
    MDEwMDAwMDBaMBMxETAPBgNVBAMMCHJzYS50ZXN0MIIBIjANBgkqhkiG9w0BAQEF
    AAOCAQ8AMIIBCgKCAQEA11PuQ11XhvGSx72Q7H1E8g1V04bEjMA5raMD/f/n3lbZ
    r4esAiKYIVuSOCRbtT0dPLbpAnmjuaZg/fjr2zXp8bxvDJbM5ZX1I2bqBIoY/ogx
    5C2zlNwdu9Sct9ZaECNbIYbd8lLMLImQ9ZyQ8eUOmfKNJg5PGb6vXjhQlk22YPQj
    yJRM1L9Oof3aL5WQWeGjDZAnze/+8d2cdBnMrMqJisQe2tGFUoVDq90R/miMfQ4w
    amEywxKh7xWc6Ypjyyixk7/VKN0/c/+hQ6gGb/NOzfCDjGd3NChq8sbfUwQbbPEW
    r7Ch0bVwJzg6gc+uQCsVzhb3MmQ35QpMbzbVLTyNQwIDAQABoxMwETAPBgNVHRMB
    Af8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCiolmEgM9omIelvwyl7kyNLua6
    nxF6RUK9BXyd9757x02oZvIv/JeMNV33DazAoi3wehkjBzVInIiTP87GHLIkqthf
    89Hxg9V0V4Um2zEfW4QjeqP4pZIFBg75KgQEqq1lormG8no+ADlBQ/ghGJmNyCnn
    8Tr3cae2HEVaY2MaHCbrTABCyWOO4/YXJIwW1JARMhf7y5cfilvJNwfN8jlrMQFe
    ZJ8nUjn/GcETqfwEqExROwT5Wyx+aoBMfcQG9JE5WSImCnFYFEfq2bNv7nBsdTPa
    6qs1MOaNGDjoYJZ1fIRu/k+rz+EwGenrjYijyi82l4EOVeP1ELTwJatOjPxl
    -----END CERTIFICATE-----
    """

  static let rsaKey = """
    -----BEGIN PRIVATE KEY-----
    MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDXU+5DXVeG8ZLH
    vZDsfUTyDVXThsSMwDmtowP9/+feVtmvh6wCIpghW5I4JFu1PR08tukCeaO5pmD9
    +OvbNenxvG8MlszllfUjZuoEihj+iDHkLbOU3B271Jy31loQI1shht3yUswsiZD1
    nJDx5Q6Z8o0mDk8Zvq9eOFCWTbZg9CPIlEzUv06h/dovlZBZ4aMNkCfN7/7x3Zx0
    GcysyomKxB7a0YVShUOr3RH+aIx9DjBqYTLDEqHvFZzpimPLKLGTv9Uo3T9z/6FD
    qAZv807N8IOMZ3c0KGryxt9TBBts8RavsKHRtXAnODqBz65AKxXOFvcyZDflCkxv
    NtUtPI1DAgMBAAECggEAI+lZiV6d5GGRq0JQU0CpKP1UXQzS5u6AMBdJ6Siu0QQH
    FiE4bLq8SIPvJPHbYaSppaCTx9flmGbJMlI7c7nQJILaumzEC14xHhBh4xPtCzZH
    q9h7ZM45H0RcRsS3DI34+uR1S57Hcn4W8P+FpPIgt0gehkRIqPCGat5Vglu/mPeQ
    T3dd302x4ysI/mN7b/y5UFQJJ1Ms1OM96XADe0AUwBMG4pf9NQGjk3uBBLspyDM8
    KN+069pgFlxhoNVuPMDhq+ndhfY1WDEHfsAANRHf3WmEPWS1csZLwzkVdTFw2Yo1
    ZUvgfnAU4ovATRDjRcYL4mRSJxTlJ6Drck7w4455sQKBgQDxpvWzT3q0W8Zn0MXb
    Civh+UywFfLQZzXiSgN7AbzKgue86q+2jZOYTugrtZM80oZ90lEPYjG+sGmgMUzJ
    inTizvbebOHibWCaZLztQDyWroCvBm99bzhva7dLe9I9c4pGMzMhV+99QCcmrHnX
    nLOIdnNkKdVCpiHgnjbyUM9dpwKBgQDkHNlbY+zuMp1H5ZGxA6HcsTRlavhyapzL
    PxMosoMW29VJZqAyPd/O8B0gXXCt4igI4JR53KfVaKH2ggSRoRSHmD9lwe/zJmtR
    o2Ramgvz3XLiFi1/hQx/Z0f2EKaZp0KVGarZ8IIWoSlGl7VMM0rrEOaAQ16QJSRn
    DnL/5HOfBQKBgQDEYyi5AfW50AANbNjvK3QAYQeW7y93ePmMnxP3CrFwbzSADsag
    eKyjkjUTGKzBOGK+rIbeFrJQw7QD0S0TeaeGkCaHGzv0NWnV79qugY778nN4SqWe
    7h2SR5seCFITSOvuIzwBdCKYyuNGhdM7jAlH9OPQWkMLuFI95rbG9S+hbwKBgQDD
    vvXN9MumA4zv21HQIpvNM8sQlGCqXk46IuAf9j+DaBV4rTYepvXdMDLuSQCeVgmg
    xIbko7Lp8KW7UQr2pNFnIgCVI3zynC9PmPROww4qsAcbd4iHevakhU49G0C7bco3
    BBWWe0pGfPlceGa9Au7xFEmYGzeUXisEvGN2ruWAuQKBgQDlL1+Gf434BIbeh+60
    59ASR5OFtXgnO7tBxcrn3HOrFDlnifV4qx031170wgpCDfVCTyNAsO2o+twOP+N7
    F0P4aL7XuHudNCU7t/KUIEE4kRd38h8/I5IyYcN1RE7E0528CHtfoTUSujW03VcI
    v4SqiDIX/VKZEdCkNjGzxZ5H7A==
    -----END PRIVATE KEY-----
    """

  /// SHA-256 of the authority's DER form.
  static let authorityDigest = "e9dd9a2ee12515a184cd5f0a9e0524cc7a42b238299e47ebf5a233ebca5a4c78"
}
