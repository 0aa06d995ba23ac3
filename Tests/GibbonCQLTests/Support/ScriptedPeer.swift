// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
@testable import GibbonCQL
import GibbonTesting
import Synchronization

/// A node made of rules, on a real socket: a double of the peer for what a real one does only when it is unwell. Speaks
/// v3 and v4.
final class ScriptedPeer: Sendable {
  /// What it was asked.
  struct Heard: Sendable {
    var host: String
    var connection: Int
    var envelope: Envelope
    var opcode: Opcode? { Opcode(rawValue: self.envelope.opcode) }
    /// Of a QUERY or a PREPARE.
    var text: String {
      var reader = WireReader(self.envelope.body)
      return (try? reader.bytesOrNull()).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }

  enum Answer: Sendable {
    case message(Opcode, [UInt8])
    case error(Int32, String)
    /// To an earlier request too.
    case several([(stream: Int16, opcode: Opcode, body: [UInt8])])
    case silence
    case bytes([UInt8])
    case close
  }

  /// nil leaves it to what a healthy node says.
  typealias Script = @Sendable (Heard) -> Answer?

  let port: Int
  private let host: String
  private let peers: [String]
  private let script: Script
  private let listener: Mutex<ListeningSocket?>
  private let heard = Mutex<[Heard]>([])
  private let sockets = Mutex<[Socket]>([])
  private let open = Mutex(0)

  init(host: String = "127.0.0.1", port: Int = 0, peers: [String] = [], _ script: @escaping Script = { _ in nil })
    throws
  {
    let listener = try ListeningSocket(port: port, host: host)
    self.port = listener.port
    self.host = host
    self.peers = peers
    self.script = script
    self.listener = Mutex(listener)
    Thread { [self] in self.accept(listener) }.start()
  }

  func count(_ opcode: Opcode) -> Int { self.heard.withLock { $0.count { $0.opcode == opcode } } }
  func all(_ opcode: Opcode) -> [Heard] { self.heard.withLock { $0.filter { $0.opcode == opcode } } }

  /// Connections that the client has not ended.
  var openCount: Int { self.open.withLock { $0 } }

  func stop() {
    self.listener.withLock { $0.take()?.close() }
    for socket in self.sockets.withLock({ $0 }) {
      // A socket that a thread waits on is not gone when it is closed.
      socket.shutdownWrite()
      socket.close()
    }
  }

  private func accept(_ listener: ListeningSocket) {
    var number = 0
    while !listener.isClosed {
      guard let socket = listener.accept(seconds: 60) else { continue }
      number += 1
      let connection = number
      self.sockets.withLock { $0.append(socket) }
      // Threads: they wait, and a pool of few would run out.
      Thread { [self] in
        self.open.withLock { $0 += 1 }
        try? self.serve(socket, connection)
        self.open.withLock { $0 -= 1 }
        socket.close()
      }.start()
    }
  }

  private func serve(_ socket: Socket, _ connection: Int) throws {
    var decoder = EnvelopeDecoder()
    while true {
      let bytes = try socket.receive(seconds: 60)
      if bytes.isEmpty { return }
      decoder.append(bytes)
      while let envelope = try decoder.next() {
        let heard = Heard(host: self.host, connection: connection, envelope: envelope)
        self.heard.withLock { $0.append(heard) }
        let answer = self.script(heard) ?? self.healthy(heard)
        let stream = envelope.stream
        switch answer {
        case .silence: break
        case .close: return
        case .bytes(let bytes): try socket.send(bytes)
        case .message(let opcode, let body):
          try self.send(socket, [(stream, opcode, body)], envelope.version)
        case .error(let code, let words):
          var out = WireWriter()
          out.int(code)
          try self.send(socket, [(stream, .error, out.bytes + Hex.string(words))], envelope.version)
        case .several(let all): try self.send(socket, all, envelope.version)
        }
      }
    }
  }

  private func send(_ socket: Socket, _ all: [(stream: Int16, opcode: Opcode, body: [UInt8])], _ version: UInt8) throws
  {
    var bytes: [UInt8] = []
    for (stream, opcode, body) in all {
      Sample.envelope(opcode, body, version: version, stream: stream).append(to: &bytes)
    }
    try socket.send(bytes)
  }

  private func healthy(_ heard: Heard) -> Answer {
    switch heard.opcode {
    case .options: .message(.supported, Sample.supported)
    case .startup, .register: .message(.ready, [])
    case .prepare: .message(.result, Sample.prepared)
    case .query where heard.text.contains("system.local"): .message(.result, self.local)
    case .query where heard.text.contains("system.peers"): .message(.result, self.others)
    default: .message(.result, Hex.bytes("00000001"))
    }
  }

  private static let id = Array(repeating: UInt8(1), count: 16)

  private var local: [UInt8] {
    Sample.rows(
      [("data_center", Sample.varchar), ("rack", Sample.varchar), ("schema_version", Sample.uuid)],
      [[Array("dc".utf8), Array("r".utf8), Self.id]])
  }

  private var others: [UInt8] {
    Sample.rows(
      [
        ("peer", Sample.inet), ("rpc_address", Sample.inet), ("host_id", Sample.uuid), ("data_center", Sample.varchar),
        ("schema_version", Sample.uuid),
      ],
      self.peers.map { peer in
        let address = peer.split(separator: ".").compactMap { UInt8($0) }
        return [address, address, Self.id, Array("dc".utf8), Self.id]
      })
  }

  /// Rows of one text.
  static func text(_ text: String) -> Answer {
    .message(.result, Sample.rows([("v", Sample.varchar)], [[Array(text.utf8)]]))
  }
}

extension CQLSettings {
  /// For a scripted node.
  static func to(_ peer: ScriptedPeer, milliseconds: Int = 10_000) -> CQLSettings {
    var settings = CQLSettings()
    settings.port = peer.port
    settings.timeoutMilliseconds = milliseconds
    return settings
  }
}
