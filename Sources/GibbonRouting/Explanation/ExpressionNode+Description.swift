// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Writing an expression again.
extension ExpressionNode: CustomStringConvertible {
  var description: String {
    switch self {
    case .all(let parts): parts.map(\.inner).joined(separator: " && ")
    case .any(let parts): parts.map(\.inner).joined(separator: " || ")
    case .not(let part): "!(\(part))"
    case .predicate(let predicate): predicate.description
    }
  }

  private var inner: String {
    switch self {
    case .all, .any: "(\(self))"
    case .not, .predicate: self.description
    }
  }
}

extension ExpressionPredicate: CustomStringConvertible {
  var description: String {
    var left = self.field.name
    if self.isLowered { left = "lower(\(left))" }
    if self.isAny { left = "any(\(left))" }
    return "\(left) \(self.test)"
  }
}

extension ExpressionPredicate.Test: CustomStringConvertible {
  var description: String {
    func quoted(_ bytes: [UInt8]) -> String { "\"\(String(decoding: bytes, as: UTF8.self))\"" }
    return switch self {
    case .equal(let bytes): "== \(quoted(bytes))"
    case .notEqual(let bytes): "!= \(quoted(bytes))"
    case .prefix(let bytes): "^= \(quoted(bytes))"
    case .suffix(let bytes): "=^ \(quoted(bytes))"
    case .contains(let bytes): "contains \(quoted(bytes))"
    case .regex(let regex): "~ \"\(regex.pattern)\""
    case .number(let comparison, let number): "\(comparison.sign) \(number)"
    case .address(let address, let isEqual): "\(isEqual ? "==" : "!=") \(address)"
    case .block(let block, let isInside): "\(isInside ? "in" : "not in") \(block.address)/\(block.prefixLength)"
    }
  }
}

extension ExpressionPredicate.Comparison {
  fileprivate var sign: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }
}

extension ExpressionField {
  fileprivate var name: String {
    switch self {
    case .scheme: "net.protocol"
    case .sni: "tls.sni"
    case .method: "http.method"
    case .host: "http.host"
    case .path: "http.path"
    case .segments(let first, let last):
      "http.path.segments.\(first == last ? "\(first)" : "\(first)_\(last)")"
    case .segmentCount: "http.path.segments.len"
    case .header(let name): "http.headers.\(name)"
    case .query(let name): "http.queries.\(name)"
    case .sourcePort: "net.src.port"
    case .destinationPort: "net.dst.port"
    case .sourceAddress: "net.src.ip"
    case .destinationAddress: "net.dst.ip"
    }
  }
}
