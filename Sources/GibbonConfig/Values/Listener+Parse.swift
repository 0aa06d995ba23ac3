// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Listener {
  /// The listeners of a property; none where `off` is the first, whatever follows, as in Kong.
  static func list(_ text: String, kind: Kind) throws(ValueFault) -> [Listener] {
    let items = ListText.items(text)
    if items.first?.lowercased() == "off" { return [] }
    guard !items.isEmpty else { throw ValueFault("expected \(PropertyType.listeners(kind).expectation)") }
    var listeners: [Listener] = []
    for item in items {
      let listener = try Listener(parsing: item, kind: kind)
      if listener.port != 0, listeners.contains(where: { $0.isSameSocket(as: listener) }) {
        throw ValueFault("\(listener) is listed twice")
      }
      listeners.append(listener)
    }
    return listeners
  }

  init(parsing text: String, kind: Kind) throws(ValueFault) {
    let words = ListText.words(text)
    guard let first = words.first else { throw ValueFault("an address is missing") }
    if first == "off" { throw ValueFault("'off' comes first, and then nothing is opened") }
    try self.init(address: String(first))
    for word in words.dropFirst() {
      guard try self.apply(flag: String(word), kind: kind) else {
        throw ValueFault("unknown flag '\(word)' at \(first); the flags are \(kind.flagNames)")
      }
    }
  }

  private init(address text: String) throws(ValueFault) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      // sockaddr_un.sun_path has 108 bytes, one of them the terminator.
      guard !path.isEmpty, path.utf8.count < 108 else {
        throw ValueFault("'\(text)' needs a path of 1 to 107 bytes after unix:")
      }
      self.init(address: .unix(path), port: 0)
      return
    }
    let place = try HostAndPort(parsing: text)
    switch place.host {
    case .ipv4(let address): self.init(address: .ipv4(address), port: place.port)
    case .ipv6(let address): self.init(address: .ipv6(address), port: place.port)
    case .name("*"): self.init(address: .ipv4("0.0.0.0"), port: place.port)
    case .name(let name): self.init(address: .hostname(name), port: place.port)
    }
  }

  /// Whether opening both would ask for the same socket.
  func isSameSocket(as other: Listener) -> Bool {
    self.address == other.address && self.port == other.port && self.isUDP == other.isUDP
  }

  /// False when there is no such flag for this kind.
  private mutating func apply(flag text: String, kind: Kind) throws(ValueFault) -> Bool {
    switch (text, kind) {
    case ("ssl", _): self.isTLS = true
    case ("http2", .http): self.isHTTP2 = true
    case ("deferred", .http): self.isDeferred = true
    case ("udp", .stream): self.isUDP = true
    case ("proxy_protocol", _): self.acceptsProxyProtocol = true
    case ("bind", _): self.bindsSeparately = true
    case ("reuseport", _): self.reusesPort = true
    default: return try self.apply(assignment: text)
    }
    return true
  }

  private mutating func apply(assignment text: String) throws(ValueFault) -> Bool {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    let value = String(parts[1])
    switch parts[0] {
    case "backlog":
      guard Scalars.isDigits(value), let backlog = Int32(value), backlog >= 1 else {
        throw ValueFault("backlog=\(value) needs a number from 1")
      }
      self.backlog = Int(backlog)
    case "ipv6only":
      guard value == "on" || value == "off" else { throw ValueFault("ipv6only=\(value) needs on or off") }
      self.isIPv6Only = value == "on"
    case "so_keepalive":
      self.socketKeepalive = try SocketKeepalive(parsing: value)
    default:
      return false
    }
    return true
  }
}

extension Listener.SocketKeepalive {
  /// `on`, `off`, or `idle:interval:count` with at least one of them.
  init(parsing text: String) throws(ValueFault) {
    if text == "on" || text == "off" {
      self = text == "on" ? .on : .off
      return
    }
    let fault = ValueFault("so_keepalive=\(text) needs on, off or idle:interval:count")
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, parts.contains(where: { !$0.isEmpty }) else { throw fault }
    var count: Int?
    if !parts[2].isEmpty {
      guard Scalars.isDigits(parts[2]), let number = Int(parts[2]), (1...127).contains(number) else { throw fault }
      count = number
    }
    do throws(ValueFault) {
      self = .tuned(
        idle: parts[0].isEmpty ? nil : try TimeText.duration(parts[0]),
        interval: parts[1].isEmpty ? nil : try TimeText.duration(parts[1]), count: count)
    } catch {
      throw fault
    }
  }
}
