// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What the peer announced (RFC 9113, section 6.5.2); the initial values until then.
struct PeerSettings: Sendable, Equatable {
  var concurrentStreams: UInt32 = .max
  var initialWindow: Int64 = 65_535
  var frameBytes = 16_384
  var listBytes: UInt32 = .max
  var takesExtendedConnect = false
}
