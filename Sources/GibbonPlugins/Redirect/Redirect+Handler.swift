// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// `redirect`: sends clients elsewhere.
public final class RedirectPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var statusCode: Int
    var location: String
    var keepIncomingPath: Bool?
  }

  private let status: UInt16
  private let location: String
  /// The location up to its path, and its fragment with the `#`, for a location that takes the request's path.
  private let parts: (origin: Substring, fragment: Substring)?

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.status = UInt16(clamping: configuration.statusCode)
    self.location = configuration.location
    self.parts = configuration.keepIncomingPath == true ? Self.split(configuration.location) : nil
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    var location = self.location
    if let parts = self.parts {
      let query = context.request.rawQuery
      location = parts.origin + Self.escaped(context.request.path) + (query.isEmpty ? "" : "?" + query) + parts.fragment
    }
    return .respond(
      LocalResponse(
        status: self.status, headers: [("Location", location)], body: .bytes(ByteBuffer("redirecting"))))
  }

  private static func split(_ location: String) -> (origin: Substring, fragment: Substring) {
    let mark = location.firstIndex(of: "#") ?? location.endIndex
    var authority = location.startIndex
    if let slashes = location[..<mark].firstIndex(of: "/"), location[slashes...].hasPrefix("//") {
      authority = location.index(slashes, offsetBy: 2)
    }
    let end = location[authority..<mark].firstIndex { $0 == "/" || $0 == "?" } ?? mark
    return (location[..<end], location[mark...])
  }

  /// The path as a URL has it: what may not stand there, and what would end the header, is escaped (WHATWG URL,
  /// path percent-encode set).
  private static func escaped(_ path: String) -> String {
    var output: [UInt8] = []
    for byte in path.utf8 {
      if byte <= 0x20 || byte > 0x7E || "\"#<>?^`{}".utf8.contains(byte) {
        output.append(UInt8(ascii: "%"))
        output.append(contentsOf: String(byte, radix: 16, uppercase: true).leftPadded.utf8)
      } else {
        output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}

extension String {
  /// Two digits.
  fileprivate var leftPadded: String { self.utf8.count < 2 ? "0" + self : self }
}
