// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What a head may cost, in bytes and counts. All lengths include the line's CRLF.
@frozen
public struct HeadLimits: Sendable, Equatable {
  /// The request line or the status line. Beyond it: 414.
  public var requestLineBytes: Int
  /// The request target alone. Beyond it: 414.
  public var targetBytes: Int
  /// One field line. Beyond it: 494.
  public var fieldLineBytes: Int
  /// The head as a whole, from the first byte to the empty line. Beyond it: 494.
  public var headBytes: Int
  /// Field lines. Beyond it: 494.
  public var fieldCount: Int
  /// Empty lines skipped before a request line (RFC 9112, section 2.2).
  public var leadingEmptyLines: Int
  /// The extensions of one chunk.
  public var chunkExtensionBytes: Int
  /// The trailer section as a whole.
  public var trailerBytes: Int

  public init(requestLineBytes: Int, fieldLineBytes: Int, headBytes: Int, fieldCount: Int = 1000) {
    self.requestLineBytes = requestLineBytes
    self.targetBytes = requestLineBytes
    self.fieldLineBytes = fieldLineBytes
    self.headBytes = headBytes
    self.fieldCount = fieldCount
    self.leadingEmptyLines = 4
    self.chunkExtensionBytes = 1024
    self.trailerBytes = fieldLineBytes
  }

  /// `large_client_header_buffers 4 8k`: a line must fit into one of four buffers of 8 KiB. nginx has
  /// no limit of its own on the number of fields (Kong's `lua_max_req_headers` only limits what
  /// plugins see); 1000 is a guard.
  public static let nginx = HeadLimits(requestLineBytes: 8192, fieldLineBytes: 8192, headBytes: 32768)
}
