// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The versions a head can have come in. This module reads the first two, and refuses any other with 505; heads of
/// HTTP/2 are made by `GibbonHTTP2`.
@frozen
public enum HTTPVersion: UInt8, Sendable {
  case http10, http11, http2
}
