// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Throw-away certificates and keys of these tests: self-signed, for no name that exists, used nowhere else.
public enum TestCertificates {
  /// A certificate on an elliptic curve, and its key.
  public static let first = (
    certificate: """
    -----BEGIN CERTIFICATE-----
    MIIBgjCCASegAwIBAgIUUmDHgFO10s95HjIIIkqjD7+zkYswCgYIKoZIzj0EAwIw
    FTETMBEGA1UEAwwKZmlyc3QudGVzdDAgFw0yNjExMjQwOTA4NDNaGA8yMTI2MTAz
    MTA5MDg0M1owFTETMBEGA1UEAwwKZmlyc3QudGVzdDBZMBMGByqGSM49AgEGCCqG
    SM49AwEHA0IABKG3Oh1aSqQTcp1Vh/519QvCed3itcGnKKa+jLmUYkTqdJQ5XTmm
    impmEDe+rFRxaLS3h6cxfDn+mNNLV7zdGZOjUzBRMB0GA1UdDgQWBBSsCSHem5m2
    F8o5p8fAvX5hyB/31zAfBgNVHSMEGDAWgBSsCSHem5m2F8o5p8fAvX5hyB/31zAP
    BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCMbbxQBTYIwd5Jss+A
    AEib7a9EjJ+ma/3w3wKK7phhywIhANpybrM1eAUlfMhJB0wVDGrUY0QIZjsjugPT
    iB4Ytae+
    -----END CERTIFICATE-----

    """,
    key: """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnv08ACZFMsJD5OQh
    2NeZNDquVtYLsjo9EJqsqW/cK6+hRANCAAShtzodWkqkE3KdVYf+dfULwnnd4rXB
    pyimvoy5lGJE6nSUOV05popqZhA3vqxUcWi0t4enMXw5/pjTS1e83RmT
    -----END PRIVATE KEY-----

    """
  )

  /// Another pair.
  public static let second = (
    certificate: """
    -----BEGIN CERTIFICATE-----
    MIIBgzCCASmgAwIBAgIULlPB99ztHv+le1mSpKkRMsiCqYcwCgYIKoZIzj0EAwIw
    FjEUMBIGA1UEAwwLc2Vjb25kLnRlc3QwIBcNMjYxMTI0MDkwODQzWhgPMjEyNjEw
    MzEwOTA4NDNaMBYxFDASBgNVBAMMC3NlY29uZC50ZXN0MFkwEwYHKoZIzj0CAQYI
    KoZIzj0DAQcDQgAEK6KZi7mFLpvbPh5XXpBPwiowHz8G5TDGCSBqidOx6Zlexs1n
    y+wKjJ07ON+mFkUzBkf7u0gDPQoNdpJHnhFCLKNTMFEwHQYDVR0OBBYEFA3/TDDc
    iUAxmMXQxyw6jC5NbS4UMB8GA1UdIwQYMBaAFA3/TDDciUAxmMXQxyw6jC5NbS4U
    MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgLoqG5HQHCHVG4fCE
    /XgZrtoV9/gF7Y290CgpVfP5/psCIQCYP76gZc9oHI+EXeU5aao0NaaIiZnRZE/S
    bi4SaYQJwQ==
    -----END CERTIFICATE-----

    """,
    key: """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgX7wkaeQu1bBZvGUi
    qLPjJYbK02AIC8rr7uhnZ1A6aqyhRANCAAQropmLuYUum9s+HldekE/CKjAfPwbl
    MMYJIGqJ07HpmV7GzWfL7AqMnTs436YWRTMGR/u7SAM9Cg12kkeeEUIs
    -----END PRIVATE KEY-----

    """
  )

  /// A certificate that may not sign others.
  public static let leaf = """
    -----BEGIN CERTIFICATE-----
    MIIBfDCCASKgAwIBAgIUE/Vk/j8G6SaaPcrXYpy7YH9FsyUwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbGVhZi50ZXN0MCAXDTI2MTEyNDA5MDg0M1oYDzIxMjYxMDMx
    MDkwODQzWjAUMRIwEAYDVQQDDAlsZWFmLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAAQpJGrKOhP70kWXxVSIA5swGNnrV3kY/joDFXmDJqF55z3iphvZj7DG
    p4rF/IjvGsO/Vn7HNu9GxMNSSMOJvl5po1AwTjAdBgNVHQ4EFgQU5TI11vSAjJVM
    Gl0DnFOd5AHXEBQwHwYDVR0jBBgwFoAU5TI11vSAjJVMGl0DnFOd5AHXEBQwDAYD
    VR0TAQH/BAIwADAKBggqhkjOPQQDAgNIADBFAiEAzs6UmAUYgOff0gY1sRsbSEcl
    +L4y0W5kyvS74l/gD5gCIBbWTlHduptg4uvA1UQAaVyCA0k0qQiLUHXRGjHm1JGc
    -----END CERTIFICATE-----

    """

  /// A body with the pair.
  public static func body(_ pair: (certificate: String, key: String), snis: [String] = []) -> JSON {
    let body: JSON = ["cert": .string(pair.certificate), "key": .string(pair.key)]
    return snis.isEmpty ? body : body.with(["snis": .array(snis.map { .string($0) })])
  }
}
