// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension HeadError {
  /// What the peer did, for the error log: the rest of a sentence that begins "client sent" or
  /// "upstream sent".
  public var reason: StaticString {
    switch self.kind {
    case .invalidMethod: "invalid method"
    case .invalidRequestLine: "invalid request line"
    case .invalidTarget: "invalid request target"
    case .missingVersion: "request line without HTTP version"
    case .invalidVersion: "malformed HTTP version"
    case .unsupportedVersion: "unsupported HTTP version"
    case .requestLineTooLong: "too long URI"
    case .emptyLines: "too many empty lines before the request line"
    case .invalidStatusLine: "invalid status line"
    case .statusLineTooLong: "too long status line"
    case .bareLineFeed: "line feed without carriage return"
    case .bareCarriageReturn: "carriage return without line feed"
    case .controlByte: "control character in a header line"
    case .emptyFieldName: "header line with empty name"
    case .invalidFieldName: "invalid header name"
    case .whitespaceBeforeColon: "white space before the colon of a header line"
    case .missingColon: "header line without colon"
    case .foldedLine: "folded header line"
    case .fieldLineTooLong: "too long header line"
    case .headTooLong: "too large header"
    case .tooManyFields: "too many header lines"
    case .missingHost: "HTTP/1.1 request without \"Host\" header"
    case .duplicateHost: "duplicate \"Host\" header"
    case .invalidHost: "invalid host"
    case .tooManyConnectionOptions: "too many options in \"Connection\""
    case .invalidContentLength: "invalid \"Content-Length\" header"
    case .duplicateContentLength: "duplicate \"Content-Length\" header"
    case .invalidTransferEncoding: "invalid \"Transfer-Encoding\" header"
    case .unknownTransferEncoding: "unknown \"Transfer-Encoding\""
    case .transferEncodingInHTTP10: "\"Transfer-Encoding\" header in HTTP/1.0"
    case .contentLengthAndTransferEncoding: "\"Content-Length\" and \"Transfer-Encoding\" headers at the same time"
    case .invalidChunkSize: "invalid chunk size"
    case .chunkSizeTooLarge: "too large chunk size"
    case .invalidChunkExtension: "invalid chunk extension"
    case .chunkExtensionTooLong: "too long chunk extensions"
    case .missingChunkEnd: "chunk data without line end"
    case .trailerTooLong: "too large trailer section"
    }
  }
}
