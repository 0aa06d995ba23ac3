// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Crypto
internal import GibbonCore
public import GibbonModel
public import GibbonSchema

/// Reads Kong's declarative format, versions 1.1, 2.1 and 3.0, from YAML or JSON.
///
/// Finds every error in one pass. Equal files give equal ids: those of Kong where an entity has a natural
/// key, otherwise ids made of the entity's content, so that reloading a file changes only what changed in it.
public struct DeclarativeParser: Sendable {
  public let registry: EntityRegistry
  public let validator: Validator
  /// Bytes of the largest file that is read.
  public let sizeLimit: Int

  public enum Format: Sendable, Hashable {
    case yaml, json

    /// By a file's name; nil where it does not say.
    public init?(fileName: String) {
      if fileName.hasSuffix(".json") {
        self = .json
      } else if fileName.hasSuffix(".yml") || fileName.hasSuffix(".yaml") {
        self = .yaml
      } else {
        return nil
      }
    }
  }

  public init(registry: EntityRegistry, validator: Validator, sizeLimit: Int = 512 << 20) {
    self.registry = registry
    self.validator = validator
    self.sizeLimit = sizeLimit
  }

  /// The configuration in a file.
  ///
  /// - Parameter format: nil tries JSON, then YAML.
  public func parse(
    _ bytes: [UInt8], format: Format? = nil
  ) -> Result<DeclarativeConfiguration, DeclarativeErrors> {
    guard bytes.count <= self.sizeLimit else {
      return .failure(Self.error("larger than \(self.sizeLimit) bytes", at: nil))
    }
    switch SourceDocument.read(bytes, format: format, mapsSource: false) {
    case .failure(let errors):
      return .failure(errors)
    case .success(let document):
      var build = DeclarativeBuild(document.value, registry: self.registry, validator: self.validator)
      var configuration = build.run(hash: Self.hash(of: bytes))
      if build.problems.isEmpty {
        configuration.warnings = self.located(build.warnings, bytes, document) + document.warnings
        return .success(configuration)
      }
      return .failure(
        DeclarativeErrors(
          self.located(build.problems, bytes, document).sorted(by: Self.isBefore), document: document.value,
          isTruncated: build.isTruncated))
    }
  }

  static func error(_ message: String, at position: SourceMap.Position?) -> DeclarativeErrors {
    DeclarativeErrors([Self.problem(message, at: position)])
  }

  static func problem(_ message: String, at position: SourceMap.Position?) -> DeclarativeProblem {
    DeclarativeProblem(
      path: [], entityDepth: 0, collection: nil, entityName: nil, message: message, value: nil,
      isAboutEntity: false, position: position)
  }

  /// The problems with their lines. Only now the text is read again with positions: files without problems
  /// are read once.
  private func located(
    _ problems: [DeclarativeProblem], _ bytes: [UInt8], _ document: SourceDocument
  ) -> [DeclarativeProblem] {
    guard !problems.isEmpty,
      case .success(let mapped) = SourceDocument.read(bytes, format: document.format, mapsSource: true),
      let map = mapped.map
    else { return problems }
    return problems.map { problem in
      var located = problem
      located.position = map.position(of: problem.path, in: mapped.value)
      return located
    }
  }

  private static func isBefore(_ left: DeclarativeProblem, _ right: DeclarativeProblem) -> Bool {
    let (leftLine, rightLine) = (left.position?.line ?? 0, right.position?.line ?? 0)
    return leftLine != rightLine ? leftLine < rightLine : left.field < right.field
  }

  private static func hash(of bytes: [UInt8]) -> String {
    var text = ByteBuffer()
    for byte in Insecure.MD5.hash(data: bytes) { text.append(hex: UInt64(byte), width: 2) }
    return text.string
  }
}
