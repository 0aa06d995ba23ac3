// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Reads a `.proto` file with all it imports.
package struct ProtoLoader {
  package struct Limits: Sendable {
    /// Files in all, built-in ones included.
    package var files = 512
    /// Bytes of all files together.
    package var bytes = 16 * 1024 * 1024

    package init() {}
  }

  /// The text of a file by the path an import has; nil where there is none.
  package typealias Source = (_ path: String) throws(ProtoError) -> [UInt8]?

  private let source: Source
  private let limits: Limits
  /// Each after those that it imports.
  private var loaded: [ProtoFile] = []
  private var known: Set<String> = []
  /// Files whose imports are being read.
  private var open: [String] = []
  private var bytes = 0

  private init(_ source: @escaping Source, limits: Limits) {
    self.source = source
    self.limits = limits
  }

  /// The types and methods of a file.
  ///
  /// - Parameter path: how messages name the file.
  package static func load(
    _ text: [UInt8], path: String, limits: Limits = Limits(), source: @escaping Source = { _ throws(ProtoError) in nil }
  ) throws(ProtoError) -> DescriptorPool {
    var loader = ProtoLoader(source, limits: limits)
    try loader.add(text, path: path, importedBy: nil)
    for built in BuiltInFiles.always where !loader.declares(built.message, in: built.package) {
      if let text = BuiltInFiles.text(of: built.path) { try loader.add(text, path: built.path, importedBy: nil) }
    }
    return try DescriptorPool(loader.loaded)
  }

  private func declares(_ message: String, in package: String) -> Bool {
    self.loaded.contains { $0.package == package && $0.messages.contains { $0.name == message } }
  }

  private mutating func add(
    _ text: [UInt8], path: String, importedBy place: (file: String, line: Int)?
  ) throws(ProtoError) {
    self.known.insert(path)
    self.bytes += text.count
    guard self.known.count <= self.limits.files, self.bytes <= self.limits.bytes else {
      throw ProtoError(
        file: place?.file ?? path, line: place?.line ?? 0,
        "expected at most \(self.limits.files) files with \(self.limits.bytes) bytes together")
    }
    let file = try ProtoParser.parse(text, path: path)
    self.open.append(path)
    for item in file.imports { try self.follow(item, of: file) }
    self.open.removeLast()
    self.loaded.append(file)
  }

  private mutating func follow(_ item: ProtoFile.Import, of file: ProtoFile) throws(ProtoError) {
    if self.open.contains(item.path) {
      throw ProtoError(file: file.path, line: item.line, "expected no circle: \(item.path) is being imported already")
    }
    if self.known.contains(item.path) { return }
    guard let text = try self.text(of: item.path) else {
      throw ProtoError(
        file: file.path, line: item.line, "expected a file that exists: \(item.path) is in none of the folders")
    }
    guard self.open.count < ProtoParser.depthLimit else {
      throw ProtoError(
        file: file.path, line: item.line, "expected imports at most \(ProtoParser.depthLimit) levels deep")
    }
    try self.add(text, path: item.path, importedBy: (file.path, item.line))
  }

  private func text(of path: String) throws(ProtoError) -> [UInt8]? {
    if BuiltInFiles.isFixed(path), let text = BuiltInFiles.text(of: path) { return text }
    return try self.source(path) ?? BuiltInFiles.text(of: path)
  }
}
