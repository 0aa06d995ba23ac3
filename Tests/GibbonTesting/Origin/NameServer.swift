// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// A DNS server on loopback that knows a few names and denies the rest, so that tests never ask the network.
public final class NameServer: Sendable {
  public let port: Int
  private let descriptor: Mutex<Int32?>
  private let asked = Mutex<[String]>([])

  /// - Parameter addresses: lower-case name to dotted IPv4 address. Other names get NXDOMAIN; another record type of a
  ///   known name gets an empty answer.
  public init(_ addresses: [String: String]) throws {
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
        if poll(&wanted, 1, 100) > 0 { self?.answerOne(open, addresses) }
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

  /// The names asked for so far.
  public var questions: [String] { self.asked.withLock { $0 } }

  private func answerOne(_ open: Int32, _ addresses: [String: String]) {
    var peer = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var buffer = [UInt8](repeating: 0, count: 1500)
    let count = withUnsafeMutablePointer(to: &peer) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { recvfrom(open, &buffer, 1500, 0, $0, &length) }
    }
    guard count > 12, let reply = self.reply(to: Array(buffer[..<count]), addresses) else { return }
    _ = withUnsafePointer(to: &peer) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(open, reply, reply.count, 0, $0, length) }
    }
  }

  /// RFC 1035 section 4: header, the question again, and at most one A record.
  private func reply(to query: [UInt8], _ addresses: [String: String]) -> [UInt8]? {
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
    let wantsAddress = query[index + 1] == 0 && query[index + 2] == 1
    let address = wantsAddress ? addresses[name] : nil
    let code: UInt8 = addresses[name] == nil ? 3 : 0
    let flags: [UInt8] = [0x81 | (query[2] & 1), 0x80 | code]
    let counts: [UInt8] = [0, 1, 0, address == nil ? 0 : 1, 0, 0, 0, 0]
    var reply = Array(query[0..<2]) + flags + counts + Array(query[12..<(index + 5)])
    if let address {
      reply += [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + address.split(separator: ".").compactMap { UInt8($0) }
    }
    return reply
  }
}
