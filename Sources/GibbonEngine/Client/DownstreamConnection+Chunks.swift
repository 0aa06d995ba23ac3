// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonIO

/// The chunked coding towards a client (RFC 9112 section 7.1).
extension DownstreamConnection {
  func writeChunk(_ bytes: Span<UInt8>) {
    self.cork()
    var output = self.takeOutput()
    output.appendChunkHeader(count: bytes.count)
    self.putOutput(consume output)
    self.write(bytes)
    output = self.takeOutput()
    output.appendChunkEnd()
    self.putOutput(consume output)
  }

  /// - Parameter trailers: field lines.
  func writeLastChunk(_ trailers: Span<UInt8>) {
    var output = self.takeOutput()
    output.append("0\r\n")
    output.append(trailers)
    output.append("\r\n")
    self.putOutput(consume output)
  }
}
