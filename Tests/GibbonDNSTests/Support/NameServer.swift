// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Glibc
import Synchronization
import Testing

/// A tiny name server on loopback: answers each question from a table, and counts.
final class NameServer: Sendable {
  enum Kind: UInt16, Sendable, Hashable {
    case a = 1
    case aaaa = 28
    case srv = 33
  }

  struct Question: Sendable, Hashable {
    let name: String
    let kind: Kind
  }

  struct Service: Sendable {
    let priority: UInt16
    let weight: UInt16
    let port: UInt16
    let target: String
  }

  enum Reply: Sendable {
    case services([Service], ttl: UInt32)
    /// Addresses in network order, 4 or 16 bytes each, with one TTL.
    case addresses([[UInt8]], ttl: UInt32)
    /// A bare response code: 0 no data, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
    case code(UInt8)
    /// What follows the question, as it is, with this many answers announced.
    case raw([UInt8], answers: UInt16)
  }

  private struct Log {
    var questions: [Question] = []
    var isHeld = false
    var held: [Pending] = []
    var table: [Question: Reply] = [:]
  }

  private struct Pending {
    let bytes: [UInt8]
    let length: Int
    let question: Question
    let sender: sockaddr_in
  }

  private let log: Mutex<Log>
  private let descriptor: Int32
  let port: UInt16

  /// `127.0.0.1:port`, for `ResolverSettings.servers`.
  var address: String { "127.0.0.1:\(self.port)" }

  init(_ table: [Question: Reply]) throws {
    self.log = Mutex(Log(table: table))
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    try #require(descriptor >= 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    self.port = UInt16(bigEndian: address.sin_port)
    try #require(result == 0)
    var thread = pthread_t()
    let start = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<NameServer>.fromOpaque(argument).takeRetainedValue().serve() }
        return nil
      }, start.toOpaque())
    try #require(code == 0)
    pthread_detach(thread)
  }

  deinit { _ = close(self.descriptor) }

  /// Ends the serving thread: a datagram without a question tells it.
  func stop() { self.sendTo(self.port, []) }

  func count(_ question: Question) -> Int { self.log.withLock { $0.questions.count { $0 == question } } }

  func answer(_ question: Question, with reply: Reply) { self.log.withLock { $0.table[question] = reply } }

  /// Keeps questions unanswered until `release()`.
  func hold() { self.log.withLock { $0.isHeld = true } }

  func release() {
    let held = self.log.withLock { log in
      defer { log.held = [] }
      log.isHeld = false
      return log.held
    }
    for pending in held { self.reply(to: pending) }
  }

  private func serve() {
    var buffer: [UInt8] = Array(repeating: 0, count: 512)
    while true {
      var sender = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let count = withUnsafeMutablePointer(to: &sender) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(self.descriptor, &buffer, buffer.count, 0, $0, &length)
        }
      }
      if count == 0 { return }
      guard count > 12, let (question, end) = NameServer.question(in: buffer, count: count) else { continue }
      let pending = Pending(bytes: Array(buffer[..<count]), length: end, question: question, sender: sender)
      let isHeld = self.log.withLock { log in
        log.questions.append(question)
        if log.isHeld { log.held.append(pending) }
        return log.isHeld
      }
      if !isHeld { self.reply(to: pending) }
    }
  }

  private static func question(in bytes: [UInt8], count: Int) -> (Question, Int)? {
    var index = 12
    var labels: [String] = []
    while index < count, bytes[index] > 0 {
      let end = index + 1 + Int(bytes[index])
      guard end < count else { return nil }
      labels.append(String(decoding: bytes[index + 1..<end], as: UTF8.self).lowercased())
      index = end
    }
    guard index + 5 <= count, let kind = Kind(rawValue: UInt16(bytes[index + 1]) << 8 | UInt16(bytes[index + 2]))
    else { return nil }
    return (Question(name: labels.joined(separator: "."), kind: kind), index + 5)
  }

  private func reply(to pending: Pending) {
    let reply = self.log.withLock { $0.table[pending.question] } ?? .code(3)
    var code: UInt8 = 0
    var answers: UInt16 = 0
    var body: [UInt8] = []
    switch reply {
    case .code(let given): code = given
    case .raw(let bytes, let count):
      body = bytes
      answers = count
    case .services(let services, let ttl):
      answers = UInt16(services.count)
      for service in services {
        let labels = service.target.split(separator: ".").map { Array($0.utf8) }
        let name: [UInt8] = labels.flatMap { label -> [UInt8] in [UInt8(label.count)] + label } + [0]
        let numbers = [service.priority, service.weight, service.port]
        let data: [UInt8] = numbers.flatMap { number -> [UInt8] in [UInt8(number >> 8), UInt8(number & 0xFF)] } + name
        body += [0xC0, 12, 0, 33, 0, 1] + (0..<4).map { UInt8(truncatingIfNeeded: ttl >> UInt32(24 - 8 * $0)) }
        body += [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
      }
    case .addresses(let addresses, let ttl):
      answers = UInt16(addresses.count)
      for address in addresses {
        // A pointer to the question's name, type, class IN, TTL, length, data: RFC 1035 section 4.1.3.
        body += [0xC0, 12, 0, UInt8(pending.question.kind.rawValue), 0, 1]
        body += (0..<4).map { UInt8(truncatingIfNeeded: ttl >> UInt32(24 - 8 * $0)) }
        body += [0, UInt8(address.count)] + address
      }
    }
    var message = Array(pending.bytes[..<pending.length])
    message[2] = 0x84 | (message[2] & 1)
    message[3] = 0x80 | code
    message.replaceSubrange(4..<12, with: [0, 1, UInt8(answers >> 8), UInt8(answers & 0xFF), 0, 0, 0, 0])
    self.sendTo(UInt16(bigEndian: pending.sender.sin_port), message + body)
  }

  private func sendTo(_ port: UInt16, _ bytes: [UInt8]) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(self.descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
