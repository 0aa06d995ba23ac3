// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

@testable import GibbonHTTP2

/// Frames as lines of text.
enum FrameText {
  static func lines(_ bytes: [UInt8]) -> [String] {
    var rest = bytes[...]
    if rest.starts(with: HTTP2Connection.preface) { rest = rest.dropFirst(HTTP2Connection.preface.count) }
    var lines: [String] = []
    while rest.count >= 9 {
      let frame = Array(rest)
      guard let header = FrameHeader(frame.span, at: 0), frame.count >= 9 + header.length else { break }
      lines.append(Self.line(header, Array(frame[9..<9 + header.length])))
      rest = rest.dropFirst(9 + header.length)
    }
    if !rest.isEmpty { lines.append("\(rest.count) bytes of no frame") }
    return lines
  }

  private static func line(_ header: FrameHeader, _ payload: [UInt8]) -> String {
    let number = payload.span.bigEndian32(at: 0)
    let end = header.flags.contains(.endStream) ? " end" : ""
    switch header.kind {
    case .data: return "DATA \(header.stream) \(header.length)\(end)"
    case .headers: return "HEADERS \(header.stream)\(end)"
    case .continuation: return "CONTINUATION \(header.stream)"
    case .resetStream: return "RST_STREAM \(header.stream) \(HTTP2ErrorCode(rawValue: number))"
    case .settings: return end.isEmpty ? "SETTINGS" : "SETTINGS ack"
    case .ping: return end.isEmpty ? "PING" : "PING ack"
    case .goAway: return "GOAWAY \(number) \(HTTP2ErrorCode(rawValue: payload.span.bigEndian32(at: 4)))"
    case .windowUpdate: return "WINDOW_UPDATE \(header.stream) \(number)"
    default: return "frame \(header.kind.rawValue)"
    }
  }
}
