// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Which file it is, whose it is, and whether it is a folder.
public struct FileIdentity: Sendable, Equatable {
  private let device: UInt64
  private let node: UInt64
  public let owner: UInt32
  public let isFolder: Bool

  /// Of a path; a link at its end is looked at itself. nil where there is nothing, and `errno` says why.
  public init?(path: String) {
    var information = stat()
    guard lstat(path, &information) == 0 else { return nil }
    self.init(information)
  }

  /// Of an open file.
  public init?(descriptor: Int32) {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { return nil }
    self.init(information)
  }

  private init(_ information: stat) {
    self.device = UInt64(information.st_dev)
    self.node = UInt64(information.st_ino)
    self.owner = information.st_uid
    self.isFolder = information.st_mode & S_IFMT == S_IFDIR
  }
}
