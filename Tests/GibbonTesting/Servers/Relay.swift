// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// A port that leads to another one, until it is cut: a server that is away, where the server itself cannot be stopped.
public final class Relay: Sendable {
  public let port: Int
  private let target: (host: String, port: Int)
  private let listener: Mutex<ListeningSocket?>
  private let sockets = Mutex<[Socket]>([])

  public init(to port: Int, host: String = "127.0.0.1") throws {
    let listener = try ListeningSocket()
    self.target = (host, port)
    self.port = listener.port
    self.listener = Mutex(listener)
    self.serve(listener)
  }

  deinit { self.cut() }

  /// Ends all connections, and refuses new ones.
  public func cut() {
    self.listener.withLock { $0.take() }?.close()
    for socket in self.sockets.withLock({ list in
      defer { list.removeAll() }
      return list
    }) { socket.close() }
  }

  /// Leads on again.
  public func mend() throws {
    let listener = try ListeningSocket(port: self.port)
    self.listener.withLock { $0 = listener }
    self.serve(listener)
  }

  private func serve(_ listener: ListeningSocket) {
    Thread { [weak self] in
      while !listener.isClosed {
        guard let near = listener.accept(seconds: 1) else { continue }
        guard let self, let far = try? Socket.connect(port: self.target.port, host: self.target.host) else {
          near.close()
          continue
        }
        self.sockets.withLock { $0 += [near, far] }
        Self.pump(near, far)
        Self.pump(far, near)
      }
    }.start()
  }

  /// Copies what comes from one to the other.
  private static func pump(_ source: Socket, _ sink: Socket) {
    Thread {
      while let bytes = try? source.receive(seconds: 3600), !bytes.isEmpty {
        guard (try? sink.send(bytes, seconds: 60)) != nil else { break }
      }
      source.close()
      sink.close()
    }.start()
  }
}
