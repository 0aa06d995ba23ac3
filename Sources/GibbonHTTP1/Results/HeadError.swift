// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a message was refused. One byte, so results stay small.
@frozen
public struct HeadError: Error, Sendable, Equatable {
  @frozen
  public enum Kind: UInt8, Sendable, CaseIterable {
    // The start line.
    case invalidMethod, invalidRequestLine, invalidTarget, missingVersion, invalidVersion, unsupportedVersion
    case requestLineTooLong, emptyLines, invalidStatusLine, statusLineTooLong
    // Lines and bytes.
    case bareLineFeed, bareCarriageReturn, controlByte
    // Fields.
    case emptyFieldName, invalidFieldName, whitespaceBeforeColon, missingColon, foldedLine
    case fieldLineTooLong, headTooLong, tooManyFields
    // The host.
    case missingHost, duplicateHost, invalidHost, tooManyConnectionOptions
    // Where the message ends.
    case invalidContentLength, duplicateContentLength
    case invalidTransferEncoding, unknownTransferEncoding, transferEncodingInHTTP10, contentLengthAndTransferEncoding
    // Chunks.
    case invalidChunkSize, chunkSizeTooLarge, invalidChunkExtension, chunkExtensionTooLong, missingChunkEnd
    case trailerTooLong
  }

  public var kind: Kind

  @inlinable
  public init(_ kind: Kind) {
    self.kind = kind
  }

  /// The status nginx answers such a request with; 494 is nginx's own (request header too large), seen
  /// by clients as 400. An upstream's malformed response is a 502 whatever this says.
  public var status: UInt16 {
    switch self.kind {
    case .requestLineTooLong: 414
    case .fieldLineTooLong, .headTooLong, .tooManyFields: 494
    case .unknownTransferEncoding: 501
    case .unsupportedVersion: 505
    default: 400
    }
  }
}
