// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a header block cannot be decoded. The connection's tables are lost with it: a connection error of type
/// COMPRESSION_ERROR (RFC 9113, section 4.3), or ENHANCE_YOUR_CALM for `excessive`.
public enum HPACKError: Error, Sendable, Hashable {
  /// The block ends amid a field.
  case truncated
  /// An integer beyond 2^31 - 1, or with more than five bytes after its prefix (RFC 7541, section 5.1).
  case invalidInteger
  /// Index 0, or one beyond both tables (section 2.3.3).
  case invalidIndex
  /// A string that no text is coded as (section 5.2).
  case invalidHuffman
  /// A size update after a field, or a third one in a block (section 4.2).
  case misplacedSizeUpdate
  /// A size update beyond the limit that was announced (section 6.3).
  case sizeUpdateBeyondLimit
  /// No size update, or too large a one, in the first block after the limit was lowered (section 4.2).
  case missingSizeUpdate
  /// The fields together are several times as large as the list may be: decoding for the tables' sake ends there.
  case excessive
}
