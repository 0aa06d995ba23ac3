// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyType {
  /// What is wrong with the text, or nil.
  public func fault(in text: String) -> ValueFault? {
    do throws(ValueFault) {
      try self.check(text)
      return nil
    } catch {
      return error
    }
  }

  private func check(_ text: String) throws(ValueFault) {
    switch self {
    case .text, .path, .list:
      break
    case .flag:
      if Scalars.flag(text) == nil { throw self.unexpected }
    case .integer(let range):
      guard let value = Int(text), range.contains(value) else { throw self.unexpected }
    case .number(let range):
      guard let value = Scalars.number(text), range.contains(value) else { throw self.unexpected }
    case .choice(let words):
      if !words.contains(text) { throw self.unexpected }
    case .words(let words):
      try Self.check(items: ListText.items(text), among: words)
    case .uuid:
      if !Scalars.isUUID(text) { throw self.unexpected }
    case .url:
      if !Scalars.isWebURL(text) { throw self.unexpected }
    default:
      try self.checkComposed(text)
    }
  }

  /// The types with a Swift type of their own.
  private func checkComposed(_ text: String) throws(ValueFault) {
    switch self {
    case .size: _ = try ByteSize(parsing: text)
    case .duration: _ = try TimeText.duration(text)
    case .keepaliveTimeout: _ = try KeepaliveTimeout(parsing: text)
    case .charset:
      if !Scalars.isCharset(text) { throw self.unexpected }
    case .headerBuffers: _ = try HeaderBuffers(parsing: text)
    case .automaticCount: _ = try AutomaticCount(parsing: text)
    case .listeners(let kind): _ = try Listener.list(text, kind: kind)
    case .endpoint: _ = try HostAndPort(parsing: text)
    case .accessLog: _ = try AccessLog.parse(text)
    case .errorLog: _ = try ErrorLog(parsing: text)
    case .logFormat: _ = try LogFormat(parsing: text)
    case .trustedAddresses: _ = try TrustedAddress.list(text)
    case .portMaps: _ = try PortMap.list(text)
    case .nameServers: _ = try NameServer.list(text)
    case .labels: _ = try Label.list(text)
    default: break
    }
  }

  /// Whether a value asks for nothing: what is not there yet is then not missed.
  func isTurnedOff(_ text: String) -> Bool {
    switch self {
    case .flag: Scalars.flag(text) == false
    case .listeners, .words, .accessLog: ListText.items(text).first?.lowercased() == "off"
    case .choice(let words): text == "off" && words.contains("off")
    default: false
    }
  }

  private var unexpected: ValueFault { ValueFault("expected \(self.expectation)") }

  private static func check(items: [String], among words: [String]) throws(ValueFault) {
    for item in items where !words.contains(where: { $0.lowercased() == item.lowercased() }) {
      let expected = Self.words(words).expectation
      throw ValueFault("'\(item)' is not known; expected \(expected)")
    }
  }
}
