// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A throw-away certificate and its key: self-signed, for no name that exists, used nowhere else.
enum TestTLS {
  static let certificate = """
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

    """

  static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnv08ACZFMsJD5OQh
    2NeZNDquVtYLsjo9EJqsqW/cK6+hRANCAAShtzodWkqkE3KdVYf+dfULwnnd4rXB
    pyimvoy5lGJE6nSUOV05popqZhA3vqxUcWi0t4enMXw5/pjTS1e83RmT
    -----END PRIVATE KEY-----

    """
}
