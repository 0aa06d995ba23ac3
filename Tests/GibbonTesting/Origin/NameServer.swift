// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// A DNS server on loopback that knows a few names and denies the rest, so that tests never ask the network.
public final class NameServer: Sendable {
  public let port: Int
  private let descriptor: Mutex<Int32?>
  private let asked = Mutex<[String]>([])
  private let table: Mutex<Table>

  private struct Table {
    var records: [String: Records] = [:]
    var isSilent = false
  }

  /// What is said of a name.
  public struct Records: Sendable {
    /// Dotted IPv4.
    public var addresses: [String] = []
    public var services: [Service] = []
    /// Seconds.
    public var ttl: UInt32 = 60

    public init(_ addresses: [String] = [], services: [Service] = [], ttl: UInt32 = 60) {
      self.addresses = addresses
      self.services = services
      self.ttl = ttl
    }
  }

  /// An SRV record.
  public struct Service: Sendable {
    public let target: String
    public let port: Int
    public let weight: Int
    public let priority: Int

    public init(_ target: String, port: Int, weight: Int = 1, priority: Int = 1) {
      self.target = target
      self.port = port
      self.weight = weight
      self.priority = priority
    }
  }

  /// - Parameter addresses: lower-case name to dotted IPv4 address. Other names get NXDOMAIN; another record type of a
  ///   known name gets an empty answer.
  public convenience init(_ addresses: [String: String]) throws {
    try self.init(records: addresses.mapValues { Records([$0]) })
  }

  public init(records: [String: Records]) throws {
    self.table = Mutex(Table(records: records))
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port: 0, host: "127.0.0.1")
    let outcome = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard descriptor >= 0, outcome == 0 else { throw HarnessError(.failed, "name server: \(lastError())") }
    setNonBlocking(descriptor)
    self.port = boundPort(of: descriptor)
    self.descriptor = Mutex(descriptor)
    let thread = Thread { [weak self] in
      while let open = self?.descriptor.withLock({ $0 }) {
        var wanted = pollfd(fd: open, events: Int16(POLLIN), revents: 0)
        if poll(&wanted, 1, 100) > 0 { self?.answerOne(open) }
      }
    }
    thread.start()
  }

  deinit {
    self.descriptor.withLock { open in
      if let held = open { close(held) }
      open = nil
    }
  }

  /// Says this of the name from now on; nil denies it.
  public func set(_ name: String, _ records: Records?) { self.table.withLock { $0.records[name] = records } }

  /// Answers nothing, or again.
  public func setSilent(_ isSilent: Bool) { self.table.withLock { $0.isSilent = isSilent } }

  /// The names asked for so far.
  public var questions: [String] { self.asked.withLock { $0 } }

  private func answerOne(_ open: Int32) {
    var peer = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var buffer = [UInt8](repeating: 0, count: 1500)
    let count = withUnsafeMutablePointer(to: &peer) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { recvfrom(open, &buffer, 1500, 0, $0, &length) }
    }
    guard count > 12, let reply = self.reply(to: Array(buffer[..<count])) else { return }
    _ = withUnsafePointer(to: &peer) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(open, reply, reply.count, 0, $0, length) }
    }
  }

  /// RFC 1035 section 4: header, the question again, and the records of the type that is asked for.
  private func reply(to query: [UInt8]) -> [UInt8]? {
    var labels: [String] = []
    var index = 12
    while index < query.count, query[index] != 0 {
      let end = index + 1 + Int(query[index])
      guard end < query.count else { return nil }
      labels.append(String(decoding: query[(index + 1)..<end], as: UTF8.self))
      index = end
    }
    guard index + 5 <= query.count else { return nil }
    let name = labels.joined(separator: ".").lowercased()
    self.asked.withLock { $0.append(name) }
    let (known, isSilent) = self.table.withLock { ($0.records[name], $0.isSilent) }
    if isSilent { return nil }
    let answers = known.map { Self.answers($0, type: Int(query[index + 1]) << 8 | Int(query[index + 2])) } ?? []
    let flags: [UInt8] = [0x81 | (query[2] & 1), 0x80 | (known == nil ? 3 : 0)]
    let counts: [UInt8] = [0, 1, 0, UInt8(answers.count), 0, 0, 0, 0]
    return Array(query[0..<2]) + flags + counts + Array(query[12..<(index + 5)]) + answers.flatMap { $0 }
  }

  private static func answers(_ records: Records, type: Int) -> [[UInt8]] {
    func record(_ data: [UInt8]) -> [UInt8] {
      let ttl = (0..<4).map { UInt8(truncatingIfNeeded: records.ttl >> UInt32(24 - 8 * $0)) }
      return [0xc0, 12, 0, UInt8(type), 0, 1] + ttl + [UInt8(data.count >> 8), UInt8(data.count & 0xff)] + data
    }
    switch type {
    case 1: return records.addresses.map { record($0.split(separator: ".").compactMap { UInt8($0) }) }
    case 33:
      return records.services.map { service in
        let numbers = [service.priority, service.weight, service.port]
        let fields = numbers.flatMap { number -> [UInt8] in [UInt8(number >> 8), UInt8(number & 0xff)] }
        let labels = service.target.split(separator: ".").map { Array($0.utf8) }
        let name: [UInt8] = labels.flatMap { label -> [UInt8] in [UInt8(label.count)] + label } + [0]
        return record(fields + name)
      }
    default: return []
    }
  }
}
