// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore

/// What a connection, and all of them together, may cost.
public struct ServerLimits: Sendable, Hashable {
  /// Bytes of the largest body.
  public var bodyBytes = 10 << 20
  /// How long a client may take to send a head.
  public var headTimeout = Duration.seconds(60)
  /// How long a client may pause while it sends a body.
  public var bodyTimeout = Duration.seconds(60)
  /// How long a client may pause while it takes a response.
  public var sendTimeout = Duration.seconds(60)
  /// How long a connection may wait for its next request.
  public var idleTimeout = Duration.seconds(75)
  /// Connections at a time; beyond, the one that has kept the server waiting for longest is closed.
  public var connections = 256

  public init() {}

  /// Bodies up to this size are taken at once; larger ones share `sharedBodyBytes`.
  static let smallBodyBytes = 64 << 10
  /// How long a larger body waits for others to be done.
  static let roomTimeout = Duration.seconds(5)
  /// What a client must send or take in a second, over a whole body or response.
  static let leastBytesPerSecond = 64 << 10
  /// How long a connection that ends is read on for, so that its last response arrives.
  static let lingerTimeout = Duration.seconds(5)
  /// What is handed to the kernel at a time.
  static let writeBytes = 64 << 10

  /// Bytes of larger bodies that are held at a time.
  var sharedBodyBytes: Int { max(32 << 20, self.bodyBytes) }

  /// The whole time for so many bytes, pauses included.
  static func time(for bytes: Int, pause: Duration) -> Duration {
    pause + .seconds(bytes / self.leastBytesPerSecond)
  }
}

extension NIODeadline {
  static func after(_ duration: Duration) -> NIODeadline { .now() + TimeAmount(duration) }
}
