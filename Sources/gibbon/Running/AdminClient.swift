// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonConfig
internal import GibbonSchema
internal import Glibc

/// Asks the Admin API of a gateway on this machine, one request per connection.
struct AdminClient {
  let listener: Listener

  /// Seconds to connect, and for each part of the answer.
  private static let patience = 5
  /// Bytes of the longest answer that is read.
  private static let limit = 64 << 20

  /// The body of an answer with status 200.
  ///
  /// - Throws: `Failure` when nobody answers, or when the answer is something else.
  func get(_ target: String) throws -> JSONObject { try self.send("GET \(target)", fields: "", body: []) }

  func post(_ target: String, _ body: JSONObject) throws -> JSONObject {
    let bytes = JSONValue.object(body).serialized()
    let fields = "Content-Type: application/json\r\nContent-Length: \(bytes.count)\r\n"
    return try self.send("POST \(target)", fields: fields, body: bytes)
  }

  private func send(_ line: String, fields: String, body: [UInt8]) throws -> JSONObject {
    let descriptor = try self.connected()
    defer { close(descriptor) }
    let head =
      "\(line) HTTP/1.1\r\nHost: \(self.authority)\r\nAccept: application/json\r\nConnection: close\r\n\(fields)\r\n"
    guard Descriptor.write(Array(head.utf8) + body, to: descriptor) else { throw self.failure("it hung up") }
    let answer = try self.read(descriptor)
    guard let end = Self.headEnd(answer), answer.starts(with: "HTTP/1.1 200 ".utf8) else {
      let line = String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }.prefix(80), as: UTF8.self)
      throw self.failure("it answers '\(line)'")
    }
    guard case .success(.object(let object)) = JSONParser.parse(Array(answer[end...])) else {
      throw self.failure("its answer is no JSON object")
    }
    return object
  }

  private var authority: String {
    switch self.listener.address {
    case .unix: "localhost"
    case .ipv4("0.0.0.0"): "127.0.0.1:\(self.listener.port)"
    case .ipv6("::"): "[::1]:\(self.listener.port)"
    default: "\(self.listener)"
    }
  }

  private func failure(_ reason: String) -> Failure { Failure("the Admin API at \(self.listener): \(reason)") }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    bytes.indices.first { bytes[$0...].starts(with: "\r\n\r\n".utf8) }.map { $0 + 4 }
  }

  private func read(_ descriptor: Int32) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // Safety: recv() writes at most the length it is given, which is the array's own.
      let count = recv(descriptor, &part, part.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw self.failure(systemReason()) }
      if count == 0 { return bytes }
      bytes += part[..<count]
      guard bytes.count <= Self.limit else { throw self.failure("its answer is too long") }
    }
  }

  // MARK: Connecting

  private func connected() throws -> Int32 {
    switch self.listener.address {
    case .unix(let path): return try self.connect(unix: path)
    case .ipv4("0.0.0.0"): return try self.connect(host: "127.0.0.1")
    case .ipv6("::"): return try self.connect(host: "::1")
    case .ipv4(let host), .ipv6(let host), .hostname(let host): return try self.connect(host: host)
    }
  }

  private func connect(host: String) throws -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, "\(self.listener.port)", &hints, &list) == 0 else { throw self.failure("no such host") }
    defer { freeaddrinfo(list) }
    var reason = "no address"
    var next = list
    // Safety: getaddrinfo() made the list, which ends with nil and is freed after the loop.
    while let info = next?.pointee {
      let descriptor = Self.opened(info.ai_family)
      if descriptor >= 0, Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return descriptor }
      reason = systemReason()
      if descriptor >= 0 { close(descriptor) }
      next = info.ai_next
    }
    throw self.failure(reason)
  }

  private func connect(unix path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard bytes.count <= capacity else { throw self.failure("its path is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = Self.opened(AF_UNIX)
    // Safety: the address is whole, and its length its own.
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else {
      let reason = systemReason()
      if descriptor >= 0 { close(descriptor) }
      throw self.failure(reason)
    }
    return descriptor
  }

  /// A socket that waits no longer than its user has patience.
  private static func opened(_ family: Int32) -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return descriptor }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    return descriptor
  }
}

extension AdminClient {
  /// The Admin API of a running gateway; nil where it listens nowhere that plain HTTP reaches.
  static func find(_ running: RunningSources, _ configuration: Configuration) -> AdminClient? {
    for listener in configuration.listen.admin where !listener.isTLS {
      let client = AdminClient(listener: listener)
      // Another gateway may have taken the address since.
      guard let root = try? client.get("/"), root["pids"]?["master"]?.intValue == Int(running.processID) else {
        continue
      }
      return client
    }
    return nil
  }
}
