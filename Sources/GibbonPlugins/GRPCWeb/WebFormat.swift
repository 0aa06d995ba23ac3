// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// How a client of gRPC-Web writes its messages.
struct WebFormat: Sendable, Hashable {
  /// As the client named it, in lower case and without parameters; the response has it too.
  let contentType: String
  /// Whether bodies are base64, for clients that can take text only.
  let isText: Bool
  /// Whether messages are JSON rather than protobuf.
  let isJSON: Bool
  /// Whether messages have their length in front and the body ends with the trailers; otherwise the body is one JSON.
  let isFramed: Bool

  init?(contentType: String) {
    self.contentType = GRPCType.essence(contentType)
    if self.contentType.isSame(as: "application/json") {
      self.isText = false
      self.isJSON = true
      self.isFramed = false
      return
    }
    guard self.contentType.starts(withBytesOf: "application/grpc-web") else { return nil }
    var rest = self.contentType.utf8.dropFirst("application/grpc-web".utf8.count)
    self.isText = rest.starts(with: "-text".utf8)
    if self.isText { rest = rest.dropFirst("-text".utf8.count) }
    self.isJSON = rest.elementsEqual("+json".utf8)
    self.isFramed = true
    guard rest.isEmpty || self.isJSON || rest.elementsEqual("+proto".utf8) else { return nil }
  }

  /// What the service is told.
  var serviceType: String {
    self.contentType.ends(withBytesOf: "+proto") ? "application/grpc+proto" : "application/grpc"
  }
}

/// Base64 as gRPC-Web uses it: texts that end with padding may follow one another.
enum WebText {
  /// nil for what is no base64.
  static func decoded(_ text: [UInt8]) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count / 4 * 3)
    var rest = text[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 != UInt8(ascii: "=") }
      let padding = rest[digits.endIndex...].prefix { $0 == UInt8(ascii: "=") }
      guard padding.isEmpty || (padding.count <= 2 && (digits.count + padding.count) % 4 == 0), !digits.isEmpty,
        let bytes = Base64.standard.decoded(digits)
      else { return nil }
      output += bytes
      rest = rest[padding.endIndex...]
    }
    return output
  }

  /// With padding at its end: what comes later begins anew, and nobody waits for the rest of a group.
  static func encoded(_ bytes: [UInt8]) -> [UInt8] { Array(Base64.standard.encoded(bytes).utf8) }
}

/// The fields after the body, as the last frame of gRPC-Web.
enum TrailerFrame {
  private static let flags: UInt8 = 0x80

  static func make(_ trailers: [(name: String, value: String)]) -> [UInt8] {
    var text: [UInt8] = []
    for field in trailers {
      text += Self.line(field.name.asciiLowercased) + [UInt8(ascii: ":")] + Self.line(field.value) + [0x0D, 0x0A]
    }
    return MessageFrames.frame(text, flags: Self.flags)
  }

  /// Without what would end the line.
  private static func line(_ text: String) -> [UInt8] { text.utf8.map { $0 < 0x20 ? .space : $0 } }
}
