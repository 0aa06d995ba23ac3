// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonHTTP1

/// What a parser made of some bytes, as lines that a golden file can hold.
enum Dump {
  /// Parses a request head that arrives up to each of `cuts` in turn, and then whole.
  static func request(_ input: [UInt8], limits: HeadLimits, cuts: some Sequence<Int>) -> [String] {
    var parser = RequestHeadParser(limits: limits)
    var head = RequestHead()
    for end in Array(cuts) + [input.count] {
      let result = parser.parse(input.span.extracting(0..<end), into: &head)
      switch result {
      case .needMoreData: continue
      case .failed(let error): return [Self.text(error)]
      case .complete(let count): return ["complete \(count)"] + Self.lines(head, input)
      }
    }
    return ["needMoreData"]
  }

  static func response(_ input: [UInt8], limits: HeadLimits, cuts: some Sequence<Int>) -> [String] {
    var parser = ResponseHeadParser(limits: limits)
    var head = ResponseHead()
    for end in Array(cuts) + [input.count] {
      let result = parser.parse(input.span.extracting(0..<end), into: &head)
      switch result {
      case .needMoreData: continue
      case .failed(let error): return [Self.text(error)]
      case .complete(let count): return ["complete \(count)"] + Self.lines(head, input)
      }
    }
    return ["needMoreData"]
  }

  /// Decodes a body that comes in pieces between `cuts`, each piece in memory of its own.
  ///
  /// - Parameter isLoose: a service's, where a bare LF is told in a line of its own.
  static func chunked(
    _ input: [UInt8], limits: HeadLimits, isLoose: Bool = false, cuts: some Sequence<Int>
  ) -> [String] {
    var decoder = ChunkedDecoder(limits: limits, isLoose: isLoose)
    var content: [UInt8] = []
    var start = 0
    for end in Array(cuts) + [input.count] {
      let piece = Array(input[start..<end])
      var offset = 0
      loop: while true {
        switch decoder.next(piece.span, from: offset) {
        case .needMoreData: break loop
        case .data(let range):
          content += piece[range]
          offset = range.upperBound
        case .failed(let error): return Self.content(content) + [Self.text(error)]
        case .end(let after):
          let lineEnds = decoder.hasBareLineFeed ? ["bare LF"] : []
          return Self.content(content) + Self.trailers(decoder.trailers) + ["end \(start + after)"] + lineEnds
        }
      }
      start = end
    }
    return Self.content(content) + ["needMoreData"]
  }

  private static func text(_ error: HeadError) -> String { "failed \(error.kind) \(error.status)" }

  private static func content(_ bytes: [UInt8]) -> [String] {
    bytes.isEmpty ? [] : ["content \(Self.escape(bytes))"]
  }

  private static func trailers(_ section: TrailerSection) -> [String] {
    section.fields.map { field in
      "trailer \(Self.escape(section[field.name].array)): \(Self.escape(section[field.value].array))"
    }
  }

  private static func lines(_ head: RequestHead, _ input: [UInt8]) -> [String] {
    func text(_ range: ByteRange) -> String { Self.escape(Array(input[range.bounds])) }
    var lines = ["\(head.method) \(text(head.methodName)) \(head.form) \(text(head.target)) \(head.version)"]
    if !head.scheme.isEmpty { lines.append("scheme \(text(head.scheme))") }
    lines.append("path \(text(head.path))")
    if let query = head.query { lines.append("query \(text(query))") }
    let port = head.port.map { " port \($0)" } ?? ""
    lines.append("authority \(text(head.authority)) host \(text(head.hostName))\(port)")
    lines += Self.facts(head.framing, isPersistent: head.isPersistent, head.flags)
    return lines + Self.fields(head.fields, input)
  }

  private static func lines(_ head: ResponseHead, _ input: [UInt8]) -> [String] {
    let reason = Self.escape(Array(input[head.reason.bounds]))
    var lines = ["\(head.version) \(head.status) '\(reason)'\(head.isInterim ? " interim" : "")"]
    lines += Self.facts(head.framing(answering: .get), isPersistent: head.isPersistent, head.flags)
    return lines + Self.fields(head.fields, input)
  }

  private static func facts(_ framing: BodyFraming, isPersistent: Bool, _ flags: HeadFlags) -> [String] {
    let names: [(HeadFlags, String)] = [
      (.connectionHasClose, "close"), (.connectionHasKeepAlive, "keep-alive"), (.connectionHasUpgrade, "upgrade"),
      (.connectionNamesFields, "names-fields"), (.upgradeNamesWebSocket, "websocket"),
      (.targetHasHighBytes, "high-bytes"),
      (.acceptsTrailers, "trailers"), (.expectsContinue, "expect"),
    ]
    let set = names.filter { flags.contains($0.0) }.map { " " + $0.1 }.joined()
    return ["framing \(framing)\(isPersistent ? " persistent" : "")", "flags\(set)"]
  }

  private static func fields(_ fields: [HeaderField], _ input: [UInt8]) -> [String] {
    fields.map { field in
      let name = Self.escape(Array(input[field.name.bounds]))
      let known = field.known == .other ? "" : " (\(field.known))"
      return "field\(known) \(name): \(Self.escape(Array(input[field.value.bounds])))"
    }
  }

  static func escape(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
      if byte >= 0x20, byte < 0x7F, byte != 0x5C {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "\\x" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }
}
