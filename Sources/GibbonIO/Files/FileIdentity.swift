// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Which file it is, whose it is and who may write it. Equal where it is the same file.
public struct FileIdentity: Sendable, Equatable {
  private let device: UInt64
  private let node: UInt64
  public let owner: UInt32
  public let mode: UInt32
  /// Names it has.
  public let linkCount: Int

  /// Of a path; a link at its end is looked at itself. nil where there is nothing, and `errno` says why.
  public init?(path: String) {
    var information = stat()
    // Safety: the call fills a local.
    guard unsafe lstat(path, &information) == 0 else { return nil }
    self.init(information)
  }

  /// Of an open file.
  public init?(descriptor: Int32) {
    var information = stat()
    // Safety: the call fills a local.
    guard unsafe fstat(descriptor, &information) == 0 else { return nil }
    self.init(information)
  }

  private init(_ information: stat) {
    self.device = UInt64(information.st_dev)
    self.node = UInt64(information.st_ino)
    self.owner = information.st_uid
    self.mode = information.st_mode
    self.linkCount = Int(information.st_nlink)
  }

  public static func == (left: FileIdentity, right: FileIdentity) -> Bool {
    left.device == right.device && left.node == right.node
  }

  public var isFolder: Bool { self.mode & S_IFMT == S_IFDIR }
  public var isRegular: Bool { self.mode & S_IFMT == S_IFREG }
  public var isLink: Bool { self.mode & S_IFMT == S_IFLNK }

  /// Whether it belongs to this process's user or to root, who may do anything anyway.
  public var isTrusted: Bool { self.owner == geteuid() || self.owner == 0 }

  /// Who besides this process's user and root can put something into it: of a folder.
  var exposure: FolderExposure {
    if self.mode & S_IWOTH != 0 { return .everybody(isSticky: self.mode & S_ISVTX != 0) }
    return self.mode & S_IWGRP != 0 || !self.isTrusted ? .some : .nobody
  }
}

/// Who besides this process's user and root can put something into a folder.
enum FolderExposure: Sendable, Hashable {
  case nobody
  /// A group, or the user whose folder it is.
  case some
  /// Where it is sticky, nobody can take away what others put there.
  case everybody(isSticky: Bool)

  var isEverybody: Bool { self != .nobody && self != .some }

  /// Whether a link in such a folder is one that whoever runs this process may have meant.
  func trusts(_ link: FileIdentity) -> Bool {
    switch self {
    case .nobody: true
    case .some: link.isTrusted
    case .everybody: false
    }
  }
}
