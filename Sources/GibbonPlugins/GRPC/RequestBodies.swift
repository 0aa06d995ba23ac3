// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

extension ServiceRequestView {
  /// Makes the request one of gRPC. Answers must come uncompressed where they are converted.
  func becomeGRPC(contentType: String, body: [UInt8]?, isConverted: Bool) {
    self.setHeader("Content-Type", contentType)
    self.setMethod("POST")
    if let body { self.setBody(ByteBuffer(body)) }
    guard isConverted else { return }
    for name in ["grpc-encoding", "grpc-accept-encoding", "Content-Encoding"] { self.clearHeader(name) }
  }
}

extension LocalResponse {
  /// A text, as Kong answers what it cannot convert.
  static func text(_ status: UInt16, _ text: String, headers: [(name: String, value: String)] = []) -> LocalResponse {
    LocalResponse(
      status: status, headers: [("Content-Type", "text/plain; charset=utf-8")] + headers, body: .bytes(ByteBuffer(text))
    )
  }
}
