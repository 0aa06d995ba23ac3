// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// Stands between a gateway and its PostgreSQL and passes everything on, until it is told to cut a connection at some
/// statement of a write. Without TLS, so that it can read along.
public final class PostgresRelay: Sendable {
  /// Where a connection is cut.
  public enum Cut: Sendable {
    /// The statement does not reach the server.
    case before(String)
    /// It does, and its answer does not come back.
    case after(String)
  }

  private let listener: ListeningSocket
  private let server: Int
  private let armed = Mutex<Cut?>(nil)
  private let count = Atomic(0)

  /// By what a write is told from a read.
  private static let writeMark = Array("FROM feed_revision FOR UPDATE".utf8)

  public var port: Int { self.listener.port }
  /// Connections that were cut.
  public var cuts: Int { self.count.load(ordering: .relaxed) }

  public init(to server: Int) throws {
    self.listener = try ListeningSocket()
    self.server = server
    Thread { [listener] in
      while !listener.isClosed {
        guard let client = listener.accept(seconds: 1) else { continue }
        guard let server = try? Socket.connect(port: server) else {
          client.close()
          continue
        }
        self.relay(client, server)
      }
    }.start()
  }

  /// Ends the relay; connections stay.
  public func close() { self.listener.close() }

  /// Cuts the next connection that does this within a write.
  public func cutNext(_ cut: Cut) { self.armed.withLock { $0 = cut } }

  private func relay(_ client: Socket, _ server: Socket) {
    let isCut = Flag()
    Thread {
      defer { Self.end(client, server) }
      var isWriting = false
      while let bytes = try? client.receive(seconds: 600), !bytes.isEmpty {
        if Self.contains(bytes, Self.writeMark) { isWriting = true }
        if isWriting, let cut = self.taken(in: bytes) {
          self.count.wrappingAdd(1, ordering: .relaxed)
          if case .before = cut { return }
          // The server goes on; its next answer ends the connection.
          isCut.set()
        }
        if Self.contains(bytes, Array("COMMIT\0".utf8)) { isWriting = false }
        guard (try? server.send(bytes)) != nil else { return }
      }
    }.start()
    Thread {
      defer { Self.end(client, server) }
      while let bytes = try? server.receive(seconds: 600), !bytes.isEmpty, !isCut.isSet {
        guard (try? client.send(bytes)) != nil else { return }
      }
    }.start()
  }

  /// Said to the other sides first: a socket that another thread waits for is not closed before it returns.
  private static func end(_ sockets: Socket...) {
    for socket in sockets {
      socket.shutdownWrite()
      socket.close()
    }
  }

  private func taken(in bytes: [UInt8]) -> Cut? {
    self.armed.withLock { armed in
      let text: String
      switch armed {
      case .before(let statement), .after(let statement): text = statement
      case nil: return nil
      }
      guard Self.contains(bytes, Array(text.utf8)) else { return nil }
      return armed.take()
    }
  }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard bytes.count >= part.count else { return false }
    return (0...(bytes.count - part.count)).contains { bytes[$0..<($0 + part.count)].elementsEqual(part) }
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { self.value.load(ordering: .acquiring) }
    func set() { self.value.store(true, ordering: .releasing) }
  }
}
