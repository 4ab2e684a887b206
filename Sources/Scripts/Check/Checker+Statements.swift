// The walk through a script, in the order of its lines: what is known of a local is known before it is used.

extension Checker {
  func visit(_ block: Block) { for statement in block.statements { visit(statement) } }

  private func visit(_ statement: Statement) {
    switch statement.kind {
    case .local(let names, let values):
      let known = known(values, count: names.count)
      for (name, value) in zip(names, known) { learn(name, value) }
    case .assign(let targets, let values):
      for target in targets { visitTarget(target) }
      _ = known(values, count: targets.count)
    case .call(let call): _ = known(call)
    case .do(let block): visit(block)
    case .while(let condition, let block):
      _ = known(condition)
      visit(block)
    case .repeat(let block, let condition):
      visit(block)
      _ = known(condition)
    case .if(let clauses, let last):
      for (condition, block) in clauses {
        _ = known(condition)
        visit(block)
      }
      if let last { visit(last) }
    case .count(let name, let bounds, let block):
      for bound in bounds { _ = known(bound) }
      learn(name, .number)
      visit(block)
    case .for(let names, let values, let block):
      let source = known(values, count: max(1, values.count)).first ?? .unknown
      switch source {
      case .listing(let item, _), .iterator(let item): if let name = names.first { learn(name, item) }
      case .pairs(let item): if names.count > 1 { learn(names[1], item) }
      default: break
      }
      visit(block)
    case .function(let target, let function):
      visitTarget(target)
      visit(function, [])
    case .localFunction(let name, let function):
      learn(name, .ownFunction)
      visit(function, [])
    case .return(let values): _ = known(values, count: values.count)
    case .other: break
    }
  }

  /// What stands before an assignment is read up to its last step.
  private func visitTarget(_ target: Expression) {
    guard case .chain(let base, let steps) = target.kind, let last = steps.last else { return }
    _ = known(Expression(kind: .chain(base, Array(steps.dropLast())), range: target.range))
    if case .index(let index) = last.kind { _ = known(index) }
  }

  /// A function, with what is known of its parameters.
  func visit(_ function: Function, _ parameters: [Known]) {
    for (name, value) in zip(function.parameters, parameters) { learn(name, value) }
    visit(function.block)
  }

  /// Only what nothing is assigned to later stays what it is.
  private func learn(_ name: Name, _ value: Known) {
    guard let variable = name.variable, tree.variables[variable].writes == 0 else { return }
    variables[variable] = value
  }
}
