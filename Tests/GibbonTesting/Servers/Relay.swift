// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// A port that leads to another one, until it is cut or held: a server that is away, where the server itself cannot be
/// stopped.
public final class Relay: Sendable {
  public let port: Int
  private let host: String
  private let target: (host: String, port: Int)
  private let listener: Mutex<ListeningSocket?>
  private let sockets = Mutex<[Socket]>([])
  private let barrier = Barrier()

  /// - Parameter place: where it listens; any free port of 127.0.0.1 otherwise.
  public init(to port: Int, host: String = "127.0.0.1", from place: (host: String, port: Int)? = nil) throws {
    let listener = try ListeningSocket(port: place?.port ?? 0, host: place?.host ?? "127.0.0.1")
    self.host = place?.host ?? "127.0.0.1"
    self.target = (host, port)
    self.port = listener.port
    self.listener = Mutex(listener)
    self.serve(listener)
  }

  deinit {
    self.barrier.lift()
    self.cut()
  }

  /// Ends all connections, and refuses new ones.
  public func cut() {
    self.listener.withLock { $0.take() }?.close()
    for socket in self.sockets.withLock({ list in
      defer { list.removeAll() }
      return list
    }) { socket.close() }
  }

  /// Those that were made since it last led on.
  public var connections: Int { self.sockets.withLock { $0.count / 2 } }

  /// Leads on again.
  public func mend() throws {
    let listener = try ListeningSocket(port: self.port, host: self.host)
    self.listener.withLock { $0 = listener }
    self.serve(listener)
  }

  /// From now on nothing gets through, as where a network swallows everything.
  public func hold() { self.barrier.lower() }

  /// What was held goes on its way.
  public func release() { self.barrier.lift() }

  private func serve(_ listener: ListeningSocket) {
    Thread { [weak self] in
      while !listener.isClosed {
        guard let near = listener.accept(seconds: 1) else { continue }
        guard let self, let far = try? Socket.connect(port: self.target.port, host: self.target.host) else {
          near.close()
          continue
        }
        self.sockets.withLock { $0 += [near, far] }
        Self.pump(near, far, self.barrier)
        Self.pump(far, near, self.barrier)
      }
    }.start()
  }

  /// Copies what comes from one to the other.
  private static func pump(_ source: Socket, _ sink: Socket, _ barrier: Barrier) {
    Thread {
      while let bytes = try? source.receive(seconds: 3600), !bytes.isEmpty {
        barrier.pass()
        guard (try? sink.send(bytes, seconds: 60)) != nil else { break }
      }
      source.close()
      sink.close()
    }.start()
  }
}
