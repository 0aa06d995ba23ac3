// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The four shapes of a request target (RFC 9112, section 3.2).
@frozen
public enum TargetForm: UInt8, Sendable {
  /// `/path?query`
  case origin
  /// `http://host/path?query`
  case absolute
  /// `host:port`, with CONNECT only.
  case authority
  /// `*`, with OPTIONS only.
  case asterisk
}
