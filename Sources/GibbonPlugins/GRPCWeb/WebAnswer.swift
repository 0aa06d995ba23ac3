// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonProto

/// A service's response on its way to a client of gRPC-Web: part by part, with the trailers as the last frame.
struct WebAnswer: Sendable {
  private let format: WebFormat
  /// Where messages become JSON.
  private let type: AnswerType?
  /// Where the body is one JSON text.
  private var json: JSONAnswer?
  private var frames = MessageFrames()
  private var failure: String?
  /// Whether the head has the status: what is there is not said again after the body.
  private var headHasStatus = false

  init(_ format: WebFormat, converting type: AnswerType? = nil, json: JSONAnswer? = nil) {
    self.format = format
    self.type = type
    self.json = json
  }

  /// Readies the head; false where the response is none of gRPC, and passes as it is.
  mutating func begin(_ response: ResponseView) -> Bool {
    if let json { return json.begin(response) }
    guard GRPCType.isGRPC(response.header("Content-Type")) else { return false }
    response.setHeader("Content-Type", self.format.contentType)
    self.headHasStatus = response.header("grpc-status") != nil
    return true
  }

  mutating func filter(_ context: RequestContext, part: inout BodyPart) {
    if self.json != nil {
      self.json?.filter(context, part: &part)
      return
    }
    var output = self.type.map { self.converted(part.bytes, $0) } ?? part.bytes.takeBytes()
    if part.isLast { output += self.trailers(context) }
    part.bytes = ByteBuffer(self.format.isText ? WebText.encoded(output) : output)
  }

  /// The messages that are whole now, as frames with JSON.
  private mutating func converted(_ bytes: ByteBuffer, _ type: AnswerType) -> [UInt8] {
    guard self.failure == nil else { return [] }
    self.frames.append(bytes)
    var output: [UInt8] = []
    do {
      while let frame = try self.frames.next() {
        switch type.json(frame) {
        case .success(let json): output += MessageFrames.frame(json)
        case .failure(let error):
          self.failure = error.message
          return output
        }
      }
    } catch {
      self.failure = "a message is larger than \(MessageFrames.messageLimit) bytes"
    }
    return output
  }

  /// The last frame; nothing where the head has said it all.
  private mutating func trailers(_ context: RequestContext) -> [UInt8] {
    var trailers = context.response.trailers
    context.response.setTrailers([])
    if self.type != nil, self.frames.pending > 0, self.failure == nil { self.failure = "the last message is cut off" }
    if self.headHasStatus { return [] }
    let isOK = GRPCStatus(trailers: trailers)?.code == GRPCStatus.ok
    if let failure = self.failure {
      context.warn("[grpc-web] \(failure)")
      if isOK { trailers = Self.fields(GRPCStatus(13, "the answer of the service cannot be converted")) }
    }
    if GRPCStatus(trailers: trailers) == nil { trailers += Self.fields(.missing) }
    return TrailerFrame.make(trailers)
  }

  private static func fields(_ status: GRPCStatus) -> [(name: String, value: String)] {
    [("grpc-status", "\(status.code)"), ("grpc-message", status.encodedMessage)]
  }
}

/// What a client sends as JSON.
enum WebRequest {
  static func json(_ body: ByteBuffer, _ format: WebFormat) throws(TranscodingError) -> [UInt8] {
    var bytes = body.span.array
    if format.isText {
      guard let decoded = WebText.decoded(bytes) else { throw TranscodingError("the request body is not valid base64") }
      bytes = decoded
    }
    guard format.isFramed else { return bytes }
    var frames = MessageFrames()
    frames.append(ByteBuffer(bytes))
    guard let frame = try? frames.next(), !frame.isCompressed, !frame.hasTrailers, frames.pending == 0 else {
      throw TranscodingError("expected one message in a frame")
    }
    return frame.payload
  }
}
