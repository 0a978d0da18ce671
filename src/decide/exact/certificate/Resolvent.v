(** Spectra, traces, quadratic forms, and kappa as the root of its equation.

    What certificates are stated in, and what a reader has to trust: the definitions up to the line that says where
    proofs begin. A spectrum lists, for each eigenvector of
    Sigma, its eigenvalue and the coefficient of w0 along it. *)

From Coq Require Export Reals Lra Lia List.
From Coq Require Export Psatz.
From Coq Require Fin FunctionalExtensionality.
Export ListNotations.
Open Scope R_scope.

Definition spectrum := list (R * R).

(** Every eigenvalue is positive. *)
Definition positive (S : spectrum) : Prop := Forall (fun p => 0 < fst p) S.

(** w0 is not zero. *)
Definition target (S : spectrum) : Prop := Exists (fun p => snd p <> 0) S.

(** Sigma = I. *)
Definition isotropic (S : spectrum) : Prop := Forall (fun p => fst p = 1) S.

(** d *)
Definition dim (S : spectrum) : R := INR (length S).

(** tr f(Sigma) *)
Definition tr (f : R -> R) (S : spectrum) : R :=
  fold_right (fun p a => f (fst p) + a) 0 S.

(** w0' f(Sigma) w0 *)
Definition quad (f : R -> R) (S : spectrum) : R :=
  fold_right (fun p a => snd p ^ 2 * f (fst p) + a) 0 S.

(** df_m(k) = tr Sigma^m (Sigma + k)^-m *)
Definition df (m : nat) (k : R) (S : spectrum) : R :=
  tr (fun s => s ^ m / (s + k) ^ m) S.

(** k - lambda = k df_1(k) / T *)
Definition kappa_equation (S : spectrum) (lambda T k : R) : Prop :=
  k - lambda = k * df 1 k S / T.

(** The largest root of the equation that is not negative. *)
Definition is_kappa (S : spectrum) (lambda T k : R) : Prop :=
  0 <= k /\ kappa_equation S lambda T k /\
  forall x, 0 <= x -> kappa_equation S lambda T x -> x <= k.

(** f(a) + ... + f(b) *)
Definition sum_over (f : R -> R) (a b : nat) : R :=
  fold_right (fun i x => f (INR i) + x) 0 (seq a (Datatypes.S b - a)).

(** ** Matrices of real numbers *)

Fixpoint total (n : nat) : (Fin.t n -> R) -> R :=
  match n with
  | O => fun _ => 0
  | Datatypes.S m => fun f => f Fin.F1 + total m (fun i => f (Fin.FS i))
  end.

Definition mat (m n : nat) := Fin.t m -> Fin.t n -> R.
Definition mul {m n p} (A : mat m n) (B : mat n p) : mat m p :=
  fun i j => total n (fun k => A i k * B k j).
Definition add {m n} (A B : mat m n) : mat m n := fun i j => A i j + B i j.
Definition scale {m n} (c : R) (A : mat m n) : mat m n := fun i j => c * A i j.
Definition flip {m n} (A : mat m n) : mat n m := fun i j => A j i.
Definition one {n} : mat n n := fun i j => if Fin.eq_dec i j then 1 else 0.
Definition zero {m n} : mat m n := fun _ _ => 0.
Definition trace {n} (A : mat n n) : R := total n (fun i => A i i).
(** The number that a matrix of one row and one column is. *)
Definition entry (A : mat 1 1) : R := A Fin.F1 Fin.F1.

Declare Scope mat_scope.
Delimit Scope mat_scope with M.
Infix "**" := mul (at level 40, left associativity) : mat_scope.
Infix "+" := add : mat_scope.
Infix "*:" := scale (at level 40, left associativity) : mat_scope.

(** B is the inverse of A; P is the pseudo-inverse of X, by Penrose's four equations. *)
Definition inverse {n} (A B : mat n n) : Prop := mul A B = one /\ mul B A = one.
Definition pseudo_inverse {m n} (X : mat m n) (P : mat n m) : Prop :=
  mul X (mul P X) = X /\ mul P (mul X P) = P /\
  flip (mul X P) = mul X P /\ flip (mul P X) = mul P X.

(** A mean over draws: linear, and 1 for 1. Every mean of what has one extends to all functions like this. *)
Definition mean {W : Type} (E : (W -> R) -> R) : Prop :=
  (forall a f g, E (fun o => a * f o + g o) = a * E f + E g) /\ E (fun _ => 1) = 1.

(** The mean of a matrix, entry by entry. *)
Definition mean_of {W : Type} {m n} (E : (W -> R) -> R) (F : W -> mat m n) : mat m n :=
  fun i j => E (fun o => F o i j).

(** What invariance under rotations says of a design: its mean projection is a multiple of the identity. Means over
    independent designs are taken one after the other. *)
Definition rotated {W : Type} {T d} (E : (W -> R) -> R) (X : W -> mat T d) (P : W -> mat d T) : Prop :=
  exists c, mean_of E (fun o => mul (P o) (X o)) = scale c one.

(** ** What follows is proved from here on: lemmas and tactics, which the kernel checks and nobody has to read.
    A certificate's own statement speaks of the definitions above alone, of `derivable_pt_lim` and of the real
    numbers of the standard library. *)

(** ** Traces *)

Lemma tr_ext : forall S f g, positive S ->
  (forall s, 0 < s -> f s = g s) -> tr f S = tr g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; auto.
  rewrite IH by assumption. rewrite E by assumption. reflexivity.
Qed.

Lemma quad_ext : forall S f g, positive S ->
  (forall s, 0 < s -> f s = g s) -> quad f S = quad g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; auto.
  rewrite IH by assumption. rewrite E by assumption. reflexivity.
Qed.

Lemma tr_le : forall S f g, positive S ->
  (forall s, 0 < s -> f s <= g s) -> tr f S <= tr g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E). lra.
Qed.

Lemma quad_le : forall S f g, positive S ->
  (forall s, 0 < s -> f s <= g s) -> quad f S <= quad g S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E).
  assert (0 <= snd p * (snd p * 1)) by nra. nra.
Qed.

Lemma tr_nonneg : forall S f, positive S ->
  (forall s, 0 < s -> 0 <= f s) -> 0 <= tr f S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E). lra.
Qed.

Lemma tr_pos : forall S f, positive S -> 0 < dim S ->
  (forall s, 0 < s -> 0 < f s) -> 0 < tr f S.
Proof.
  intros S f HS Hd E. destruct HS as [|p S Hp HS]; unfold dim in Hd; simpl in *; try lra.
  specialize (E (fst p) Hp) as E1.
  assert (0 <= tr f S) by (apply tr_nonneg; auto; intros s Hs; specialize (E s Hs); lra).
  lra.
Qed.

Lemma quad_nonneg : forall S f, positive S ->
  (forall s, 0 < s -> 0 <= f s) -> 0 <= quad f S.
Proof.
  induction 1 as [|p S Hp HS IH]; intros E; simpl; try lra.
  specialize (E (fst p) Hp) as E1. specialize (IH E).
  assert (0 <= snd p * (snd p * 1)) by nra. nra.
Qed.

Lemma quad_pos : forall S f, positive S -> target S ->
  (forall s, 0 < s -> 0 < f s) -> 0 < quad f S.
Proof.
  intros S f HS HW E. induction HW as [p S Hp | p S HW IH]; inversion HS as [|q R Hq HR]; subst; simpl.
  - assert (0 <= quad f S) by (apply quad_nonneg; auto; intros s Hs; specialize (E s Hs); lra).
    assert (0 < snd p * (snd p * 1)) by nra. specialize (E (fst p) Hq). nra.
  - specialize (IH HR). assert (0 <= snd p * (snd p * 1)) by nra. specialize (E (fst p) Hq). nra.
Qed.

(** A linear combination of functions, term by term. *)
Definition combination (l : list (R * (R -> R))) (s : R) : R :=
  fold_right (fun p a => fst p * snd p s + a) 0 l.

Definition trs (l : list (R * (R -> R))) (S : spectrum) : R :=
  fold_right (fun p a => fst p * tr (snd p) S + a) 0 l.

Definition quads (l : list (R * (R -> R))) (S : spectrum) : R :=
  fold_right (fun p a => fst p * quad (snd p) S + a) 0 l.

Lemma tr_zero : forall S, tr (fun _ => 0) S = 0.
Proof. induction S; simpl; lra. Qed.

Lemma quad_zero : forall S, quad (fun _ => 0) S = 0.
Proof. induction S; simpl; lra. Qed.

Lemma tr_add : forall S f g, tr (fun s => f s + g s) S = tr f S + tr g S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma quad_add : forall S f g, quad (fun s => f s + g s) S = quad f S + quad g S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma tr_scale : forall S c f, tr (fun s => c * f s) S = c * tr f S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma quad_scale : forall S c f, quad (fun s => c * f s) S = c * quad f S.
Proof. induction S; intros; simpl; try rewrite IHS; lra. Qed.

Lemma tr_combination : forall S l, tr (combination l) S = trs l S.
Proof.
  intros S l; induction l as [|[c f] l IH]; simpl.
  - apply tr_zero.
  - change (tr (fun s => c * f s + combination l s) S = c * tr f S + trs l S).
    rewrite tr_add, tr_scale, IH. reflexivity.
Qed.

Lemma quad_combination : forall S l, quad (combination l) S = quads l S.
Proof.
  intros S l; induction l as [|[c f] l IH]; simpl.
  - apply quad_zero.
  - change (quad (fun s => c * f s + combination l s) S = c * quad f S + quads l S).
    rewrite quad_add, quad_scale, IH. reflexivity.
Qed.

(** Partial fractions: a trace is the combination of traces that its function is. *)
Lemma tr_split : forall S f l, positive S ->
  (forall s, 0 < s -> f s = combination l s) -> tr f S = trs l S.
Proof. intros; rewrite <- tr_combination; apply tr_ext; assumption. Qed.

Lemma quad_split : forall S f l, positive S ->
  (forall s, 0 < s -> f s = combination l s) -> quad f S = quads l S.
Proof. intros; rewrite <- quad_combination; apply quad_ext; assumption. Qed.

Lemma tr_one : forall S, tr (fun _ => 1) S = dim S.
Proof.
  unfold dim; induction S; [reflexivity|].
  change (1 + tr (fun _ => 1) S = INR (Datatypes.S (length S))).
  rewrite S_INR, IHS. lra.
Qed.

Lemma tr_isotropic : forall S f, isotropic S -> tr f S = dim S * f 1.
Proof.
  unfold dim; induction 1 as [|p S Hp HS IH]; [simpl; lra|].
  change (f (fst p) + tr f S = INR (Datatypes.S (length S)) * f 1).
  rewrite S_INR, IH, Hp. lra.
Qed.

Lemma quad_isotropic : forall S f, isotropic S -> quad f S = quad (fun _ => 1) S * f 1.
Proof.
  induction 1 as [|p S Hp HS IH]; simpl; [lra|].
  change (snd p ^ 2 * f (fst p) + quad f S
          = (snd p ^ 2 * 1 + quad (fun _ => 1) S) * f 1).
  rewrite IH, Hp. ring.
Qed.

Lemma isotropic_positive : forall S, isotropic S -> positive S.
Proof. induction 1; constructor; auto; lra. Qed.

(** ** Degrees of freedom and kappa *)

Lemma df_nonneg : forall S m k, positive S -> 0 <= k -> 0 <= df m k S.
Proof.
  intros; apply tr_nonneg; auto. intros s Hs.
  apply Rmult_le_pos; [apply pow_le; lra|].
  apply Rlt_le, Rinv_0_lt_compat, pow_lt. lra.
Qed.

Lemma df1_lt_dim : forall S k, positive S -> 0 < dim S -> 0 < k -> df 1 k S < dim S.
Proof.
  intros S k HS Hd Hk.
  assert (0 < tr (fun s => k / (s + k)) S).
  { apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; lra. }
  assert (df 1 k S + tr (fun s => k / (s + k)) S = dim S) as E.
  { unfold df. rewrite <- tr_add, <- tr_one. apply tr_ext; auto.
    intros s Hs; field; lra. }
  lra.
Qed.

Lemma df2_lt_df1 : forall S k, positive S -> 0 < dim S -> 0 < k -> df 2 k S < df 1 k S.
Proof.
  intros S k HS Hd Hk.
  assert (0 < tr (fun s => k * s / (s + k) ^ 2) S).
  { apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; [nra|]. apply pow_lt; lra. }
  assert (df 2 k S + tr (fun s => k * s / (s + k) ^ 2) S = df 1 k S) as E.
  { unfold df. rewrite <- tr_add. apply tr_ext; auto. intros s Hs; field; lra. }
  lra.
Qed.

Lemma kappa_pos : forall S lambda T k, 0 < lambda -> is_kappa S lambda T k -> 0 < k.
Proof.
  intros S lambda T k Hl [H0 [E _]]. destruct H0 as [H0|H0]; auto.
  unfold kappa_equation in E. rewrite <- H0 in E. unfold Rdiv in E. nra.
Qed.

(** T >= df_1(kappa), strictly where there is a ridge. *)
Lemma kappa_samples : forall S lambda T k, 0 < T -> 0 < k -> kappa_equation S lambda T k ->
  T * (k - lambda) = k * df 1 k S.
Proof. intros S lambda T k HT Hk E. unfold kappa_equation in E. rewrite E. field. lra. Qed.

Lemma df1_le_samples : forall S lambda T k, positive S -> 0 < T -> 0 <= lambda -> 0 < k ->
  is_kappa S lambda T k -> df 1 k S <= T.
Proof.
  intros S lambda T k HS HT Hl Hk [_ [E _]].
  apply kappa_samples in E; auto.
  assert (0 <= T * lambda) by nra.
  apply Rmult_le_reg_l with k; auto. nra.
Qed.

Lemma df2_lt_samples : forall S lambda T k, positive S -> 0 < dim S -> 0 < T -> 0 <= lambda ->
  0 < k -> is_kappa S lambda T k -> df 2 k S < T.
Proof.
  intros. apply Rlt_le_trans with (df 1 k S).
  - apply df2_lt_df1; auto.
  - eapply df1_le_samples; eauto.
Qed.

(** For Sigma = I, df_2 < T without denominators. *)
Lemma isotropic_samples : forall S T k, isotropic S -> 0 < k -> df 2 k S < T ->
  dim S < T * (1 + k) ^ 2.
Proof.
  intros S T k HI Hk D. unfold df in D.
  rewrite (tr_isotropic S (fun s => s ^ 2 / (s + k) ^ 2) HI) in D.
  assert (0 < (1 + k) ^ 2) as P by (apply pow_lt; lra).
  apply (Rmult_lt_compat_r ((1 + k) ^ 2)) in D; auto.
  replace (dim S * (1 ^ 2 / (1 + k) ^ 2) * (1 + k) ^ 2) with (dim S) in D by (field; lra).
  exact D.
Qed.

(** Without ridge kappa vanishes where T >= d. *)
Lemma isotropic_above : forall S lambda T k, isotropic S -> 0 < T -> 0 < lambda -> 0 < k ->
  kappa_equation S lambda T k -> dim S < T * (1 + k).
Proof.
  intros S lambda T k HI HT Hl Hk E. unfold kappa_equation, df in E.
  rewrite (tr_isotropic S (fun s => s ^ 1 / (s + k) ^ 1) HI) in E. cbv beta in E.
  assert (F : k * dim S = T * (1 + k) * (k - lambda)) by (rewrite E; field; lra).
  assert (0 < T * (1 + k) * lambda) by (repeat apply Rmult_lt_0_compat; lra).
  apply Rmult_lt_reg_l with k; [assumption | rewrite F; nra].
Qed.

Lemma kappa_classical : forall S T k, positive S -> 0 < dim S -> dim S <= T ->
  is_kappa S 0 T k -> k = 0.
Proof.
  intros S T k HS Hd HT [H0 [E _]]. destruct H0 as [H0|H0]; auto.
  apply kappa_samples in E; [|lra|auto].
  pose proof (df1_lt_dim S k HS Hd H0). nra.
Qed.

(** 0 < kappa <= lambda + ... : two positive roots of the equation are equal. *)
Lemma kappa_unique : forall S lambda T x y, positive S -> 0 < T -> 0 <= lambda ->
  is_kappa S lambda T x -> is_kappa S lambda T y -> x = y.
Proof.
  intros S lambda T x y HS HT Hl [Hx [Ex Mx]] [Hy [Ey My]].
  apply Rle_antisym; [apply My | apply Mx]; assumption.
Qed.

Lemma df1_decreasing : forall S x y, positive S -> 0 < dim S -> 0 < x -> x < y ->
  df 1 y S < df 1 x S.
Proof.
  intros S x y HS Hd Hx Hxy.
  assert (0 < tr (fun s => s * (y - x) / ((s + x) * (s + y))) S).
  { apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; lra. }
  assert (df 1 y S + tr (fun s => s * (y - x) / ((s + x) * (s + y))) S = df 1 x S) as E.
  { unfold df. rewrite <- tr_add. apply tr_ext; auto. intros s Hs; field; lra. }
  lra.
Qed.

(** A positive root is kappa: the equation has only one. *)
Lemma kappa_is : forall S lambda T x y, positive S -> 0 < dim S -> 0 < T -> 0 <= lambda ->
  is_kappa S lambda T y -> 0 < x -> kappa_equation S lambda T x -> x = y.
Proof.
  intros S lambda T x y HS Hd HT Hl [Hy [Ey My]] Hx Ex.
  assert (x <= y) as L by (apply My; [lra|auto]).
  destruct L as [L|L]; auto. exfalso.
  apply kappa_samples in Ex; auto. apply kappa_samples in Ey; auto; try lra.
  pose proof (df1_decreasing S x y HS Hd Hx L).
  (* T (x - lambda)/x = df_1(x) > df_1(y) = T (y - lambda)/y *)
  assert (0 <= T * lambda * (y - x)) by (apply Rmult_le_pos; nra).
  assert (x * y * df 1 y S < x * y * df 1 x S) by (apply Rmult_lt_compat_l; nra).
  nra.
Qed.

(** A root for m samples is one for T >= m of them, with more ridge. *)
Lemma kappa_of_another : forall S mu m T r x y, positive S -> 0 < dim S -> 0 < m -> m <= T -> 0 <= mu ->
  0 < x -> is_kappa S mu m x -> r = x * (1 - df 1 x S / T) -> is_kappa S r T y -> y = x.
Proof.
  intros S mu m T r x y HS Hd Hm HT Hmu Hx [_ [E _]] Er K. symmetry.
  apply (kappa_is S r T x y); auto; try lra.
  - apply kappa_samples in E; auto.
    assert (L : df 1 x S <= m) by (apply Rmult_le_reg_l with x; auto; nra).
    replace r with (x * (T - df 1 x S) * / T) by (rewrite Er; field; lra).
    apply Rmult_le_pos; [nra | apply Rlt_le, Rinv_0_lt_compat; lra].
  - unfold kappa_equation. rewrite Er. field. lra.
Qed.

Lemma trs_zero : forall S l, positive S ->
  (forall s, 0 < s -> combination l s = 0) -> trs l S = 0.
Proof. intros; rewrite <- tr_combination, <- (tr_zero S); apply tr_ext; assumption. Qed.

Lemma quads_zero : forall S l, positive S ->
  (forall s, 0 < s -> combination l s = 0) -> quads l S = 0.
Proof. intros; rewrite <- quad_combination, <- (quad_zero S); apply quad_ext; assumption. Qed.

Lemma trs_nonneg : forall S l, positive S ->
  (forall s, 0 < s -> 0 <= combination l s) -> 0 <= trs l S.
Proof. intros; rewrite <- tr_combination; apply tr_nonneg; assumption. Qed.

Lemma trs_pos : forall S l, positive S -> 0 < dim S ->
  (forall s, 0 < s -> 0 < combination l s) -> 0 < trs l S.
Proof. intros; rewrite <- tr_combination; apply tr_pos; assumption. Qed.

Lemma quads_nonneg : forall S l, positive S ->
  (forall s, 0 < s -> 0 <= combination l s) -> 0 <= quads l S.
Proof. intros; rewrite <- quad_combination; apply quad_nonneg; assumption. Qed.

Lemma quads_pos : forall S l, positive S -> target S ->
  (forall s, 0 < s -> 0 < combination l s) -> 0 < quads l S.
Proof. intros; rewrite <- quad_combination; apply quad_pos; assumption. Qed.

(** Products of two traces are sums over two eigenvalues; only the symmetric part counts. *)
Definition combination2 (l : list (R * ((R -> R) * (R -> R)))) (s t : R) : R :=
  fold_right (fun p a => fst p * (fst (snd p) s * snd (snd p) t) + a) 0 l.

Definition trs2 (l : list (R * ((R -> R) * (R -> R)))) (S : spectrum) : R :=
  fold_right (fun p a => fst p * (tr (fst (snd p)) S * tr (snd (snd p)) S) + a) 0 l.

Lemma tr_swap : forall A B g,
  tr (fun s => tr (g s) A) B = tr (fun t => tr (fun s => g s t) B) A.
Proof.
  intros A B g; induction B as [|p B IH]; cbn [tr fold_right].
  - symmetry; apply tr_zero.
  - change (tr (g (fst p)) A + tr (fun s => tr (g s) A) B
            = tr (fun t => g (fst p) t + tr (fun s => g s t) B) A).
    rewrite tr_add, IH. reflexivity.
Qed.

Lemma trs2_double : forall S l,
  trs2 l S = tr (fun s => tr (combination2 l s) S) S.
Proof.
  intros S l; induction l as [|[c [f g]] l IH].
  - unfold trs2, combination2; cbn [fold_right].
    transitivity (tr (fun _ => 0) S); [symmetry; apply tr_zero|].
    assert (forall A, tr (fun _ => 0) A = tr (fun _ => tr (fun _ => 0) S) A) as E; [|apply E].
    intros A; induction A as [|p A IH]; [reflexivity|].
    change (0 + tr (fun _ => 0) A = tr (fun _ => 0) S + tr (fun _ => tr (fun _ => 0) S) A).
    rewrite <- IH, !tr_zero. reflexivity.
  - change (c * (tr f S * tr g S) + trs2 l S
      = tr (fun s => tr (fun t => c * (f s * g t) + combination2 l s t) S) S).
    rewrite IH.
    assert (forall A, c * (tr f A * tr g S) + tr (fun s => tr (combination2 l s) S) A
      = tr (fun s => tr (fun t => c * (f s * g t) + combination2 l s t) S) A) as E; [|apply E].
    intros A; induction A as [|p A IA].
    + unfold tr; cbn [fold_right]; ring.
    + change (c * ((f (fst p) + tr f A) * tr g S)
              + (tr (combination2 l (fst p)) S + tr (fun s => tr (combination2 l s) S) A)
        = tr (fun t => c * (f (fst p) * g t) + combination2 l (fst p) t) S
          + tr (fun s => tr (fun t => c * (f s * g t) + combination2 l s t) S) A).
      rewrite <- IA, tr_add.
      replace (tr (fun s => c * (f (fst p) * g s)) S) with (c * f (fst p) * tr g S).
      * change (fun s => combination2 l (fst p) s) with (combination2 l (fst p)). ring.
      * rewrite <- tr_scale. clear. induction S; [reflexivity|].
        unfold tr in *; cbn [fold_right]; rewrite IHS; ring.
Qed.

Lemma trs2_nonneg : forall S l, positive S ->
  (forall s t, 0 < s -> 0 < t -> 0 <= combination2 l s t + combination2 l t s) ->
  0 <= trs2 l S.
Proof.
  intros S l HS E. rewrite trs2_double.
  assert (0 <= tr (fun s => tr (combination2 l s) S) S
             + tr (fun s => tr (fun t => combination2 l t s) S) S).
  { rewrite <- tr_add. apply tr_nonneg; auto. intros s Hs.
    change (0 <= tr (combination2 l s) S + tr (fun t => combination2 l t s) S).
    rewrite <- tr_add. apply tr_nonneg; auto. }
  pose proof (tr_swap S S (combination2 l)) as W. rewrite <- W in H. lra.
Qed.

(** ** More of kappa *)

Lemma tr_continuous : forall S (f : R -> R -> R), positive S ->
  (forall s, 0 < s -> continuity (f s)) -> continuity (fun x => tr (fun s => f s x) S).
Proof.
  intros S f HS E; induction HS as [|p S Hp HS IH].
  - apply continuity_const. intros x y; reflexivity.
  - change (continuity (fun x => f (fst p) x + tr (fun s => f s x) S)).
    apply (continuity_plus (f (fst p))); auto.
Qed.

Lemma share_continuous : forall s, 0 < s -> continuity (fun x => s / (s + Rabs x)).
Proof.
  intros s Hs x. apply (continuity_pt_div (fun _ => s) (fun x => s + Rabs x)).
  - apply continuity_pt_const. intros a b; reflexivity.
  - apply (continuity_pt_plus (fun _ => s) Rabs).
    + apply continuity_pt_const. intros a b; reflexivity.
    + apply Rcontinuity_abs.
  - pose proof (Rabs_pos x). lra.
Qed.

Lemma df1_is : forall S x, positive S -> 0 <= x -> df 1 x S = tr (fun s => s / (s + Rabs x)) S.
Proof.
  intros S x HS Hx. unfold df. apply tr_ext; auto. intros s Hs.
  rewrite Rabs_right by lra. field; lra.
Qed.

Lemma df1_small : forall S x, positive S -> 0 < dim S -> 0 < x -> x * df 1 x S < tr (fun s => s) S.
Proof.
  intros S x HS Hd Hx.
  assert (0 < tr (fun s => s - x * (s / (s + x))) S).
  { apply tr_pos; auto. intros s Hs.
    replace (s - x * (s / (s + x))) with (s * s / (s + x)) by (field; lra).
    apply Rdiv_lt_0_compat; nra. }
  assert (tr (fun s => s - x * (s / (s + x))) S + x * df 1 x S = tr (fun s => s) S) as E.
  { unfold df. rewrite <- tr_scale, <- tr_add. apply tr_ext; auto. intros s Hs; field; lra. }
  lra.
Qed.

(** Between T and d some positive x uses up all samples. *)
Lemma df1_attains : forall S T, positive S -> 0 < T -> T < dim S -> exists x, 0 < x /\ df 1 x S = T.
Proof.
  intros S T HS HT Hd.
  set (f := fun x => T - tr (fun s => s / (s + Rabs x)) S).
  assert (C : continuity f).
  { apply (continuity_minus (fun _ => T) (fun x => tr (fun s => s / (s + Rabs x)) S)).
    - apply continuity_const. intros a b; reflexivity.
    - apply (tr_continuous S (fun s x => s / (s + Rabs x))); auto. apply share_continuous. }
  assert (M : 0 < tr (fun s => s) S) by (apply tr_pos; auto; lra).
  set (y := tr (fun s => s) S / T).
  assert (Y : 0 < y) by (apply Rdiv_lt_0_compat; auto).
  assert (f 0 < 0) as F0.
  { unfold f. rewrite (tr_ext S _ (fun _ => 1)); auto.
    - rewrite tr_one. lra.
    - intros s Hs. rewrite Rabs_R0. field; lra. }
  assert (0 < f y) as F1.
  { unfold f. rewrite <- df1_is by (auto; lra).
    pose proof (df1_small S y HS ltac:(lra) Y).
    assert (y * T = tr (fun s => s) S) by (unfold y; field; lra).
    assert (y * df 1 y S < y * T) by lra.
    apply Rmult_lt_reg_l in H1; auto. lra. }
  destruct (IVT f 0 y C Y F0 F1) as [x [[X0 X1] E]].
  exists x. assert (x <> 0) by (intros Z; rewrite Z in E; lra).
  split; [lra|]. rewrite df1_is by (auto; lra). unfold f in E. lra.
Qed.

(** Without ridge kappa is positive where T < d, and then df_1(kappa) = T. *)
Lemma kappa_ridgeless : forall S T k, positive S -> 0 < T -> T < dim S ->
  is_kappa S 0 T k -> 0 < k.
Proof.
  intros S T k HS HT Hd [_ [_ M]].
  destruct (df1_attains S T HS HT Hd) as [x [X E]].
  apply Rlt_le_trans with x; auto. apply M; [lra|].
  unfold kappa_equation. rewrite E. field. lra.
Qed.

(** x - x df_1(x)/T is as steep as what divides the variance. *)
Lemma kappa_quotient : forall S T x y, positive S -> 0 < T -> 0 < x -> 0 < y ->
  (y - y * df 1 y S / T) - (x - x * df 1 x S / T)
  = (y - x) * (1 - tr (fun s => s ^ 2 / ((s + x) * (s + y))) S / T).
Proof.
  intros S T x y HS HT Hx Hy.
  assert (y * df 1 y S - x * df 1 x S = (y - x) * tr (fun s => s ^ 2 / ((s + x) * (s + y))) S) as E.
  { unfold df. rewrite <- !tr_scale.
    assert (forall f g h, (forall s, 0 < s -> f s - g s = h s) -> tr f S - tr g S = tr h S) as D.
    { clear - HS. induction HS as [|p S Hp HS IH]; intros f g h E; unfold tr in *; cbn [fold_right].
      - lra.
      - rewrite <- (E _ Hp), <- (IH _ _ _ E). lra. }
    apply D. intros s Hs. field. lra. }
  replace (y - y * df 1 y S / T - (x - x * df 1 x S / T))
    with (y - x - (y * df 1 y S - x * df 1 x S) / T) by (field; lra).
  rewrite E. field. lra.
Qed.

Lemma quotient_positive : forall S lambda T x y, positive S -> 0 < T -> 0 < lambda -> 0 < x -> 0 < y ->
  kappa_equation S lambda T x ->
  lambda / x <= 1 - tr (fun s => s ^ 2 / ((s + x) * (s + y))) S / T.
Proof.
  intros S lambda T x y HS HT Hl Hx Hy E.
  apply kappa_samples in E; auto.
  assert (tr (fun s => s ^ 2 / ((s + x) * (s + y))) S <= df 1 x S) as L.
  { unfold df. apply tr_le; auto. intros s Hs.
    replace (s ^ 1 / (s + x) ^ 1) with (s ^ 2 / ((s + x) * (s + y)) + s * y / ((s + x) * (s + y)))
      by (field; lra).
    assert (0 < s * y / ((s + x) * (s + y))) by (apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat; lra).
    lra. }
  replace (lambda / x) with (1 - df 1 x S / T).
  - assert (tr (fun s => s ^ 2 / ((s + x) * (s + y))) S / T <= df 1 x S / T); [|lra].
    unfold Rdiv. apply Rmult_le_compat_r; auto. apply Rlt_le, Rinv_0_lt_compat; auto.
  - apply Rmult_eq_reg_l with (x * T); [|nra].
    replace (x * T * (1 - df 1 x S / T)) with (x * T - x * df 1 x S) by (field; lra).
    rewrite <- E. field. lra.
Qed.

(** The derivative of kappa by its ridge. *)
Lemma kappa_derivative : forall S T (kappa : R -> R) lambda, positive S -> 0 < T -> 0 < lambda ->
  (forall l, 0 < l -> is_kappa S l T (kappa l)) ->
  derivable_pt_lim kappa lambda (/ (1 - df 2 (kappa lambda) S / T)).
Proof.
  intros S T kappa lambda HS HT Hl K.
  set (x := kappa lambda).
  assert (X : 0 < x) by (eapply kappa_pos; eauto).
  set (q := fun y => 1 - tr (fun s => s ^ 2 / ((s + x) * (s + y))) S / T).
  assert (EX : kappa_equation S lambda T x) by (apply K; auto).
  assert (L : forall y, 0 < y -> lambda / x <= q y).
  { intros y Hy. apply quotient_positive; auto. }
  assert (P : 0 < lambda / x) by (apply Rdiv_lt_0_compat; auto).
  assert (Q : q x = 1 - df 2 x S / T).
  { unfold q, df. f_equal. f_equal. apply tr_ext; auto. intros s Hs. field. lra. }
  rewrite <- Q.
  set (C := tr (fun s => / (s + x)) S / T).
  assert (C0 : 0 <= C).
  { unfold C, Rdiv. apply Rmult_le_pos; [|apply Rlt_le, Rinv_0_lt_compat; auto].
    apply tr_nonneg; auto. intros s Hs. apply Rlt_le, Rinv_0_lt_compat. lra. }
  assert (D : forall y, 0 < y -> q y - q x = (y - x) * (tr (fun s => s ^ 2 / ((s + x) ^ 2 * (s + y))) S / T)).
  { intros y Hy. unfold q.
    assert (tr (fun s => s ^ 2 / ((s + x) * (s + x))) S
            = tr (fun s => s ^ 2 / ((s + x) * (s + y))) S
              + (y - x) * tr (fun s => s ^ 2 / ((s + x) ^ 2 * (s + y))) S) as E.
    { rewrite <- tr_scale, <- tr_add. apply tr_ext; auto. intros s Hs. field. lra. }
    rewrite E. field. lra. }
  assert (B : forall y, 0 < y -> 0 <= tr (fun s => s ^ 2 / ((s + x) ^ 2 * (s + y))) S / T <= C).
  { intros y Hy. unfold C, Rdiv. assert (0 < / T) by (apply Rinv_0_lt_compat; auto). split.
    - apply Rmult_le_pos; [|lra]. apply tr_nonneg; auto. intros s Hs.
      apply Rlt_le, Rdiv_lt_0_compat; [nra|]. apply Rmult_lt_0_compat; [apply pow_lt|]; lra.
    - apply Rmult_le_compat_r; [lra|]. apply tr_le; auto. intros s Hs.
      replace (/ (s + x)) with (s ^ 2 / ((s + x) ^ 2 * (s + y))
        + ((s + x) * (s + y) - s ^ 2) / ((s + x) ^ 2 * (s + y))) by (field; lra).
      assert (0 < ((s + x) * (s + y) - s ^ 2) / ((s + x) ^ 2 * (s + y))).
      { apply Rdiv_lt_0_compat; [nra|]. apply Rmult_lt_0_compat; [apply pow_lt|]; lra. }
      lra. }
  intros eps Heps.
  set (m := lambda / x) in *. clearbody m.
  set (W := (C + 1) / (m * m * m)).
  assert (HW : 0 < W) by (apply Rdiv_lt_0_compat; [lra|]; repeat apply Rmult_lt_0_compat; auto).
  assert (Hdelta : 0 < Rmin lambda (eps / W)).
  { apply Rmin_pos; auto. apply Rdiv_lt_0_compat; auto. }
  exists (mkposreal _ Hdelta). intros h Hh Hs. cbn [pos] in Hs.
  assert (H1 : Rabs h < lambda) by (eapply Rlt_le_trans; [exact Hs|apply Rmin_l]).
  assert (H2 : Rabs h < eps / W) by (eapply Rlt_le_trans; [exact Hs|apply Rmin_r]).
  assert (HL : 0 < lambda + h) by (apply Rabs_def2 in H1; lra).
  set (y := kappa (lambda + h)).
  assert (Y : 0 < y) by (eapply kappa_pos; eauto).
  assert (EY : kappa_equation S (lambda + h) T y) by (apply K; auto).
  assert (R1 : h = (y - x) * q y).
  { unfold q. rewrite <- kappa_quotient by auto. unfold kappa_equation in EX, EY. lra. }
  fold x. fold y.
  pose proof (L y Y) as Ly. pose proof (L x X) as Lx.
  assert (Qy : 0 < q y) by lra. assert (Qx : 0 < q x) by lra.
  assert (N : y - x <> 0) by (intros Z; rewrite Z in R1; lra).
  replace ((y - x) / h) with (/ q y).
  2:{ rewrite R1. field. lra. }
  replace (/ q y - / q x) with (- (q y - q x) / (q y * q x)) by (field; lra).
  rewrite (D y Y).
  set (b := tr (fun s => s ^ 2 / ((s + x) ^ 2 * (s + y))) S / T) in *.
  pose proof (B y Y) as By. fold b in By.
  replace (- ((y - x) * b) / (q y * q x)) with (- h * (b / (q y * q y * q x))).
  2:{ rewrite R1 at 1. field. lra. }
  rewrite Rabs_mult, Rabs_Ropp.
  assert (Z : 0 <= b / (q y * q y * q x) <= W).
  { assert (Z1 : 0 < q y * q y * q x) by (repeat apply Rmult_lt_0_compat; auto).
    assert (Z2 : m * m * m <= q y * q y * q x).
    { apply Rmult_le_compat; try lra; [nra|]. apply Rmult_le_compat; lra. }
    assert (Z3 : 0 < m * m * m) by (repeat apply Rmult_lt_0_compat; auto).
    split.
    - apply Rmult_le_pos; [lra|]. apply Rlt_le, Rinv_0_lt_compat; auto.
    - unfold W. apply Rmult_le_compat; try lra.
      + apply Rlt_le, Rinv_0_lt_compat; auto.
      + apply Rinv_le_contravar; auto. }
  rewrite (Rabs_right (b / _)) by lra.
  apply Rle_lt_trans with (Rabs h * W).
  - apply Rmult_le_compat_l; [apply Rabs_pos|lra].
  - apply Rmult_lt_reg_r with (/ W); [apply Rinv_0_lt_compat; auto|].
    replace (Rabs h * W * / W) with (Rabs h) by (field; lra). exact H2.
Qed.

Lemma quotient_pow : forall m x y, y <> 0 -> (x / y) ^ m = x ^ m / y ^ m.
Proof. induction m as [|m IH]; intros x y Hy; simpl; [field | rewrite IH by auto; field; split; auto; apply pow_nonzero; auto]. Qed.

(** The derivative of df_m. *)
Lemma df_derivative : forall S m x, positive S -> 0 < x ->
  derivable_pt_lim (fun y => df m y S) x (INR m * (df (Datatypes.S m) x S - df m x S) / x).
Proof.
  intros S m x HS Hx.
  replace (INR m * (df (Datatypes.S m) x S - df m x S) / x)
    with (tr (fun s => INR m * (s / (s + x)) ^ pred m * ((0 * (s + x) - (0 + 1) * s) / Rsqr (s + x))) S).
  2:{ unfold Rdiv at 3. rewrite (Rmult_comm _ (/ x)).
      replace (/ x * (INR m * (df (Datatypes.S m) x S - df m x S))) with (/ x * INR m * df (Datatypes.S m) x S + - (/ x * INR m) * df m x S) by ring.
      unfold df. rewrite <- !tr_scale, <- tr_add. apply tr_ext; auto. intros s Hs.
      destruct m as [|m]; [simpl; unfold Rsqr; field; lra|].
      unfold Rsqr. cbn [pred]. rewrite quotient_pow by lra. rewrite <- !tech_pow_Rmult. field.
      assert (0 < (s + x) ^ m) by (apply pow_lt; lra). lra. }
  unfold df. induction HS as [|p S Hp HS IH].
  - apply derivable_pt_lim_const.
  - apply (derivable_pt_lim_plus (fun y => fst p ^ m / (fst p + y) ^ m) (fun y => tr (fun s => s ^ m / (s + y) ^ m) S)); auto.
    intros eps He.
    assert (D : derivable_pt_lim (fun y => (fst p / (fst p + y)) ^ m) x
      (INR m * (fst p / (fst p + x)) ^ pred m * ((0 * (fst p + x) - (0 + 1) * fst p) / Rsqr (fst p + x)))).
    { apply (derivable_pt_lim_comp (fun y => fst p / (fst p + y)) (fun z => z ^ m)).
      - apply (derivable_pt_lim_div (fun _ => fst p) (fun y => fst p + y)).
        + apply derivable_pt_lim_const.
        + apply (derivable_pt_lim_plus (fun _ => fst p) (fun y => y)); [apply derivable_pt_lim_const | apply derivable_pt_lim_id].
        + lra.
      - apply derivable_pt_lim_pow. }
    destruct (D eps He) as [delta H].
    assert (M : 0 < Rmin delta x) by (apply Rmin_pos; [apply cond_pos | auto]).
    exists (mkposreal _ M). intros h Hh Hs. cbn [pos] in Hs.
    assert (Rabs h < delta) by (eapply Rlt_le_trans; [exact Hs | apply Rmin_l]).
    assert (Rabs h < x) as A by (eapply Rlt_le_trans; [exact Hs | apply Rmin_r]). apply Rabs_def2 in A.
    specialize (H h Hh H0). cbv beta in H. rewrite <- !quotient_pow by lra. exact H.
Qed.

Lemma derivative_is : forall f x a b, derivable_pt_lim f x a -> a = b -> derivable_pt_lim f x b.
Proof. intros f x a b D E. rewrite <- E. exact D. Qed.

Lemma df_along : forall S m kappa l D, positive S -> 0 < kappa l -> derivable_pt_lim kappa l D ->
  derivable_pt_lim (fun x => df m (kappa x) S) l (INR m * (df (Datatypes.S m) (kappa l) S - df m (kappa l) S) / kappa l * D).
Proof.
  intros S m kappa l D HS Hk V. apply (derivable_pt_lim_comp kappa (fun y => df m y S)); auto.
  apply df_derivative; auto.
Qed.

Lemma derivative_over : forall f x D c, derivable_pt_lim f x D -> derivable_pt_lim (fun y => f y / c) x (D / c).
Proof.
  intros f x D c V. apply (derivative_is _ x (D * / c + f x * 0)); [|unfold Rdiv; ring].
  apply (derivable_pt_lim_mult f (fun _ => / c)); [exact V | apply derivable_pt_lim_const].
Qed.

(** kappa's equation for the degrees of freedom and for the trace that partial fractions leave. *)
Lemma kappa_degrees : forall S lambda T k, 0 < T -> 0 < k -> kappa_equation S lambda T k ->
  df 1 k S = T * (k - lambda) / k.
Proof.
  intros S lambda T k HT Hk E. apply kappa_samples in E; auto. rewrite E. field. lra.
Qed.

Lemma kappa_trace : forall S lambda T k, positive S -> 0 < T -> 0 < k -> kappa_equation S lambda T k ->
  tr (fun s => / (s + k)) S = (dim S - T * (k - lambda) / k) / k.
Proof.
  intros S lambda T k HS HT Hk E. rewrite <- (kappa_degrees S lambda T k HT Hk E).
  assert (df 1 k S + k * tr (fun s => / (s + k)) S = dim S) as D.
  { unfold df. rewrite <- tr_scale, <- tr_add, <- tr_one. apply tr_ext; auto. intros s Hs; field; lra. }
  rewrite <- D. field. lra.
Qed.

(** For Sigma = I and without ridge, T < d. *)
Lemma kappa_isotropic : forall S T k, isotropic S -> 0 < T -> T < dim S ->
  is_kappa S 0 T k -> k = dim S / T - 1.
Proof.
  intros S T k HI HT Hd K.
  assert (HS : positive S) by (apply isotropic_positive; auto).
  assert (Hk : 0 < k) by (eapply kappa_ridgeless; eauto).
  destruct K as [_ [E _]]. pose proof (kappa_degrees S 0 T k HT Hk E) as D.
  unfold df in D. rewrite (tr_isotropic S (fun s => s ^ 1 / (s + k) ^ 1) HI) in D.
  replace (T * (k - 0) / k) with T in D by (field; lra).
  replace (dim S * (1 ^ 1 / (1 + k) ^ 1)) with (dim S / (1 + k)) in D by (field; lra).
  rewrite <- D. field. split; lra.
Qed.

(** Some sample is used, so kappa exceeds the ridge. *)
Lemma kappa_above : forall S lambda T k, positive S -> 0 < dim S -> 0 < T -> 0 < k ->
  kappa_equation S lambda T k -> lambda < k.
Proof.
  intros S lambda T k HS Hd HT Hk E. apply kappa_samples in E; auto.
  assert (0 < df 1 k S).
  { unfold df. apply tr_pos; auto. intros s Hs. apply Rdiv_lt_0_compat; apply pow_lt; lra. }
  assert (0 < T * (k - lambda)) by (rewrite E; apply Rmult_lt_0_compat; auto).
  nra.
Qed.

(** Signs, by quotients that are easy to see. *)
Lemma nonneg_by : forall x n d, x = n / d -> 0 <= n -> 0 < d -> 0 <= x.
Proof.
  intros x n d E Hn Hd. rewrite E. apply Rmult_le_pos; auto.
  apply Rlt_le, Rinv_0_lt_compat; auto.
Qed.

Lemma pos_by : forall x n d, x = n / d -> 0 < n -> 0 < d -> 0 < x.
Proof. intros x n d E Hn Hd. rewrite E. apply Rdiv_lt_0_compat; auto. Qed.

Lemma le_by : forall x y n d, y - x = n / d -> 0 <= n -> 0 < d -> x <= y.
Proof. intros x y n d E Hn Hd. assert (0 <= y - x) by (eapply nonneg_by; eauto). lra. Qed.

Lemma lt_by : forall x y n d, y - x = n / d -> 0 < n -> 0 < d -> x < y.
Proof. intros x y n d E Hn Hd. assert (0 < y - x) by (eapply pos_by; eauto). lra. Qed.

Lemma sqrt_is : forall x y, 0 <= y -> y * y = x -> sqrt x = y.
Proof. intros x y Hy E. rewrite <- E. apply sqrt_square; auto. Qed.

Lemma root_of : forall x, 0 < x -> 0 < sqrt x /\ sqrt x ^ 2 = x.
Proof. intros x Hx. split; [apply sqrt_lt_R0 | apply pow2_sqrt]; lra. Qed.

(** ** Sums of symbolic length *)

Lemma fold_end : forall (f : R -> R) l i, fold_right (fun i x => f (INR i) + x) 0 (app l [i])
  = fold_right (fun i x => f (INR i) + x) 0 l + f (INR i).
Proof. intros f l i; induction l as [|j l IH]; simpl; [|rewrite IH]; ring. Qed.

Lemma sum_next : forall f a b, (a <= Datatypes.S b)%nat -> sum_over f a (Datatypes.S b) = sum_over f a b + f (INR (Datatypes.S b)).
Proof.
  intros f a b H. unfold sum_over.
  replace (Datatypes.S (Datatypes.S b) - a)%nat with (Datatypes.S (Datatypes.S b - a)) by lia.
  rewrite seq_S, fold_end. do 2 f_equal. f_equal. lia.
Qed.

Lemma sum_one : forall f a, sum_over f a a = f (INR a).
Proof. intros f a. unfold sum_over. replace (Datatypes.S a - a)%nat with 1%nat by lia. simpl. ring. Qed.

(** A sum is what begins and grows as it does. *)
Lemma sum_is : forall f g a n, (a <= n)%nat -> f (INR a) = g a ->
  (forall m, (a <= m)%nat -> f (INR (Datatypes.S m)) = g (Datatypes.S m) - g m) -> sum_over f a n = g n.
Proof.
  intros f g a n H B St. induction H as [|n H IH].
  - rewrite sum_one. exact B.
  - rewrite sum_next, IH, St by lia. ring.
Qed.

(** ** The sum of 1/i^2 *)

Lemma sin_steep : forall x, 0 < x -> x <= PI / 2 -> x * cos x < sin x.
Proof.
  intros x H0 H1. pose proof PI_RGT_0.
  destruct (MVT_cor2 (fun y => sin y - y * cos y) (fun y => y * sin y) 0 x H0) as [c [E [C0 C1]]].
  - intros c _. 
    replace (c * sin c) with (cos c - (1 * cos c + c * - sin c)) by ring.
    apply derivable_pt_lim_minus; [apply derivable_pt_lim_sin|].
    apply (derivable_pt_lim_mult (fun y => y) cos); [apply derivable_pt_lim_id | apply derivable_pt_lim_cos].
  - rewrite sin_0 in E. assert (0 < sin c) by (apply sin_gt_0; lra).
    assert (0 < c * sin c * (x - 0)) by (repeat apply Rmult_lt_0_compat; lra). lra.
Qed.

(** 1/sin^2 - 1 < 1/x^2 < 1/sin^2 *)
Lemma sin_between : forall x, 0 < x -> x < PI / 2 -> / sin x ^ 2 - 1 < / x ^ 2 < / sin x ^ 2.
Proof.
  intros x H0 H1. pose proof PI_RGT_0. pose proof (sin_steep x H0 ltac:(lra)) as St. pose proof (sin_lt_x x H0).
  assert (0 < sin x) by (apply sin_gt_0; lra). assert (0 < cos x) by (apply cos_gt_0; lra).
  split.
  - replace (/ sin x ^ 2 - 1) with ((cos x / sin x) ^ 2).
    + replace (/ x ^ 2) with ((/ x) ^ 2) by (field; lra).
      assert (L : cos x / sin x < / x).
      { apply Rmult_lt_reg_l with (x * sin x); [nra|].
        replace (x * sin x * (cos x / sin x)) with (x * cos x) by (field; lra).
        replace (x * sin x * / x) with (sin x) by (field; lra). exact St. }
      assert (0 < cos x / sin x) by (apply Rdiv_lt_0_compat; auto).
      simpl. nra.
    + replace ((cos x / sin x) ^ 2) with ((cos x * cos x) * / sin x ^ 2) by (field; lra).
      pose proof (sin2_cos2 x) as P. unfold Rsqr in P.
      replace (cos x * cos x) with (1 - sin x * sin x) by lra. field. lra.
  - apply Rinv_lt_contravar; [apply Rmult_lt_0_compat; apply pow_lt; lra|]. simpl. nra.
Qed.

Lemma sin_halves : forall x, 0 < x -> x < PI / 2 ->
  / sin (x / 2) ^ 2 + / sin (PI / 2 - x / 2) ^ 2 = 4 * / sin x ^ 2.
Proof.
  intros x H0 H1. pose proof PI_RGT_0. rewrite sin_shift.
  replace (sin x) with (2 * sin (x / 2) * cos (x / 2)) by (rewrite <- sin_2a; f_equal; lra).
  assert (0 < sin (x / 2)) by (apply sin_gt_0; lra). assert (0 < cos (x / 2)) by (apply cos_gt_0; lra).
  pose proof (sin2_cos2 (x / 2)) as P. unfold Rsqr in P.
  apply Rmult_eq_reg_r with (sin (x / 2) ^ 2 * cos (x / 2) ^ 2); [|apply Rgt_not_eq, Rmult_lt_0_compat; apply pow_lt; lra].
  transitivity (1 : R); [|field; lra].
  rewrite <- P at 1. field. lra.
Qed.

Fixpoint below (f : nat -> R) (n : nat) : R :=
  match n with O => 0 | Datatypes.S m => below f m + f m end.

Lemma below_ext : forall f g n, (forall k, (k < n)%nat -> f k = g k) -> below f n = below g n.
Proof. intros f g n; induction n as [|n IH]; intros E; simpl; auto. rewrite IH, E; auto. Qed.

Lemma below_first : forall f n, below f (Datatypes.S n) = f O + below (fun k => f (Datatypes.S k)) n.
Proof. intros f n; induction n as [|n IH]; [simpl; ring|]. change (below f (Datatypes.S n) + f (Datatypes.S n) = f O + (below (fun k => f (Datatypes.S k)) n + f (Datatypes.S n))). rewrite IH. ring. Qed.

Lemma below_add : forall f g n, below f n + below g n = below (fun k => f k + g k) n.
Proof. intros f g n; induction n as [|n IH]; simpl; [|rewrite <- IH]; ring. Qed.

Lemma below_scale : forall c f n, below (fun k => c * f k) n = c * below f n.
Proof. intros c f n; induction n as [|n IH]; simpl; [|rewrite IH]; ring. Qed.

Lemma below_le : forall f g n, (forall k, (k < n)%nat -> f k <= g k) -> below f n <= below g n.
Proof. intros f g n; induction n as [|n IH]; intros E; simpl; [lra|]. specialize (E n ltac:(lia)) as E1. assert (below f n <= below g n) by auto. lra. Qed.

Lemma below_mirror : forall f n m, below f (n + m) = below f n + below (fun k => f (n + m - 1 - k)%nat) m.
Proof.
  intros f n m; induction m as [|m IH]; [rewrite Nat.add_0_r; simpl; ring|].
  rewrite below_first, Nat.add_succ_r. simpl below at 1. rewrite IH.
  rewrite (below_ext (fun k => f (Datatypes.S (n + m) - 1 - Datatypes.S k)%nat) (fun k => f (n + m - 1 - k)%nat)) by (intros; f_equal; lia).
  replace (Datatypes.S (n + m) - 1 - 0)%nat with (n + m)%nat by lia. ring.
Qed.

Definition angle (n k : nat) : R := (2 * INR k + 1) * PI / (4 * 2 ^ n).

Lemma two_power : forall n, INR (2 ^ n) = 2 ^ n.
Proof. intros n; rewrite pow_INR; reflexivity. Qed.

Lemma angle_acute : forall n k, (k < 2 ^ n)%nat -> 0 < angle n k < PI / 2.
Proof.
  intros n k H. unfold angle. pose proof PI_RGT_0. pose proof (pos_INR k).
  assert (0 < 2 ^ n) by (apply pow_lt; lra).
  assert (INR k + 1 <= 2 ^ n) by (rewrite <- two_power, <- S_INR; apply le_INR; lia).
  split; [apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat|]; lra|].
  apply Rmult_lt_reg_r with (4 * 2 ^ n); [lra|].
  replace ((2 * INR k + 1) * PI / (4 * 2 ^ n) * (4 * 2 ^ n)) with ((2 * INR k + 1) * PI) by (field; lra). nra.
Qed.

Lemma angles : forall n, below (fun k => / sin (angle n k) ^ 2) (2 ^ n) = 2 * 4 ^ n.
Proof.
  intros n; induction n as [|n IH].
  - change (0 + / sin (angle 0 0) ^ 2 = 2 * 1). unfold angle.
    replace ((2 * INR 0 + 1) * PI / (4 * 2 ^ 0)) with (PI / 4) by (simpl; field).
    rewrite sin_PI4. replace ((1 / sqrt 2) ^ 2) with (1 / (sqrt 2 ^ 2)) by (field; apply Rgt_not_eq, sqrt_lt_R0; lra).
    rewrite pow2_sqrt by lra. field.
  - replace (2 ^ Datatypes.S n)%nat with (2 ^ n + 2 ^ n)%nat by (simpl; lia).
    rewrite below_mirror, below_add.
    rewrite (below_ext _ (fun k => 4 * / sin (angle n k) ^ 2)).
    + rewrite below_scale, IH. simpl; ring.
    + intros k H. destruct (angle_acute n k H) as [A B]. rewrite <- sin_halves by auto. f_equal.
      * do 3 f_equal. unfold angle. simpl. field. apply pow_nonzero; lra.
      * do 3 f_equal. unfold angle. rewrite !minus_INR, plus_INR, two_power by lia. simpl. field. apply pow_nonzero; lra.
Qed.

(** The sum of the squares of odd reciprocals, up to 2^(n+1). *)
Lemma odd_between : forall n, PI ^ 2 / 8 - PI ^ 2 / (16 * 2 ^ n) <= below (fun k => / (2 * INR k + 1) ^ 2) (2 ^ n) <= PI ^ 2 / 8.
Proof.
  intros n. pose proof PI_RGT_0. assert (Q : 0 < 2 ^ n) by (apply pow_lt; lra).
  assert (Q4 : 4 ^ n = 2 ^ n * 2 ^ n) by (rewrite <- Rpow_mult_distr; f_equal; lra).
  assert (E : below (fun k => / (2 * INR k + 1) ^ 2) (2 ^ n) = PI ^ 2 / (16 * 4 ^ n) * below (fun k => / angle n k ^ 2) (2 ^ n)).
  { rewrite <- below_scale. apply below_ext. intros k _. unfold angle. pose proof (pos_INR k). rewrite Q4. field. lra. }
  assert (U : below (fun k => / angle n k ^ 2) (2 ^ n) <= 2 * 4 ^ n).
  { rewrite <- angles. apply below_le. intros k H1. destruct (angle_acute n k H1) as [A B].
    destruct (sin_between _ A B); lra. }
  assert (L : 2 * 4 ^ n - 2 ^ n <= below (fun k => / angle n k ^ 2) (2 ^ n)).
  { rewrite <- angles, <- two_power.
    assert (C : forall m, - INR m = below (fun _ => - (1)) m).
    { intros m; induction m as [|m IH]; [simpl; ring|]. rewrite S_INR. simpl below. rewrite <- IH. ring. }
    unfold Rminus. rewrite C, below_add. apply below_le. intros k H1. destruct (angle_acute n k H1) as [A B].
    destruct (sin_between _ A B); lra. }
  rewrite E. rewrite Q4 in *.
  assert (P : 0 < PI ^ 2 / (16 * (2 ^ n * 2 ^ n))) by (apply Rdiv_lt_0_compat; [apply pow_lt; lra | nra]).
  split.
  - replace (PI ^ 2 / 8 - PI ^ 2 / (16 * 2 ^ n)) with (PI ^ 2 / (16 * (2 ^ n * 2 ^ n)) * (2 * (2 ^ n * 2 ^ n) - 2 ^ n)) by (field; lra).
    apply Rmult_le_compat_l; lra.
  - replace (PI ^ 2 / 8) with (PI ^ 2 / (16 * (2 ^ n * 2 ^ n)) * (2 * (2 ^ n * 2 ^ n))) by (field; lra).
    apply Rmult_le_compat_l; lra.
Qed.

Definition squares (n : nat) : R := sum_over (fun i => 1 / i ^ 2) 1 n.

Lemma squares_next : forall n, squares (Datatypes.S n) = squares n + / INR (Datatypes.S n) ^ 2.
Proof. intros n. unfold squares. rewrite sum_next by lia. unfold Rdiv. ring. Qed.

Lemma squares_grow : forall m n, (m < n)%nat -> squares m < squares n.
Proof.
  intros m n H; induction H as [|n H IH]; rewrite squares_next.
  - assert (0 < / INR (Datatypes.S m) ^ 2); [|lra]. apply Rinv_0_lt_compat, pow_lt, lt_0_INR; lia.
  - assert (0 < / INR (Datatypes.S n) ^ 2); [|lra]. apply Rinv_0_lt_compat, pow_lt, lt_0_INR; lia.
Qed.

Lemma squares_double : forall n, squares (2 * n) = below (fun k => / (2 * INR k + 1) ^ 2) n + squares n / 4.
Proof.
  intros n; induction n as [|n IH].
  - unfold squares, sum_over. simpl. field.
  - replace (2 * Datatypes.S n)%nat with (Datatypes.S (Datatypes.S (2 * n))) by lia.
    rewrite !squares_next, IH. simpl below. rewrite !S_INR, mult_INR. simpl (INR 2). pose proof (pos_INR n).
    field. lra.
Qed.

Lemma squares_below : forall n, squares n < PI ^ 2 / 6.
Proof.
  intros n. pose proof PI_RGT_0.
  assert (W : (n < 2 ^ n)%nat) by (apply Nat.pow_gt_lin_r; lia).
  apply Rlt_le_trans with (squares (2 ^ n)); [apply squares_grow; auto|].
  pose proof (squares_double (2 ^ n)) as D. destruct (odd_between n) as [_ U].
  pose proof (squares_grow (2 ^ n) (2 * 2 ^ n) ltac:(lia)). lra.
Qed.

Lemma squares_near : forall n, PI ^ 2 / 6 - PI ^ 2 / (4 * 2 ^ n) <= squares (2 ^ n).
Proof.
  intros n. pose proof PI_RGT_0. assert (S2 : 0 < PI ^ 2) by (apply pow_lt; lra).
  induction n as [|n IH].
  - unfold squares, sum_over. simpl (2 ^ 0)%nat. simpl seq. simpl fold_right. simpl (2 ^ 0). lra.
  - replace (2 ^ Datatypes.S n)%nat with (2 * 2 ^ n)%nat by (simpl; lia). rewrite squares_double.
    destruct (odd_between n) as [L _]. assert (Q : 0 < 2 ^ n) by (apply pow_lt; lra).
    replace (PI ^ 2 / (4 * 2 ^ Datatypes.S n)) with (PI ^ 2 / (16 * 2 ^ n) + PI ^ 2 / (4 * 2 ^ n) / 4) by (simpl; field; lra).
    lra.
Qed.

Lemma squares_limit : Un_cv squares (PI ^ 2 / 6).
Proof.
  intros eps He. pose proof PI_RGT_0. assert (S2 : 0 < PI ^ 2) by (apply pow_lt; lra).
  destruct (archimed_cor1 (eps / PI ^ 2)) as [N [HN HN0]]; [apply Rdiv_lt_0_compat; auto|].
  exists (2 ^ N)%nat. intros n Hn. unfold R_dist.
  pose proof (squares_below n). pose proof (squares_near N).
  assert (squares (2 ^ N) <= squares n).
  { destruct (Nat.eq_dec (2 ^ N) n) as [E|E]; [rewrite E; lra | apply Rlt_le, squares_grow; lia]. }
  assert (PI ^ 2 / (4 * 2 ^ N) < eps).
  { assert (INR N < 2 ^ N) by (rewrite <- two_power; apply lt_INR, Nat.pow_gt_lin_r; lia).
    assert (0 < INR N) by (apply lt_0_INR; auto).
    assert (/ (4 * 2 ^ N) < / INR N) by (apply Rinv_lt_contravar; nra).
    apply Rlt_trans with (PI ^ 2 * / INR N); [unfold Rdiv; apply Rmult_lt_compat_l; auto|].
    apply Rmult_lt_reg_l with (/ PI ^ 2); [apply Rinv_0_lt_compat; auto|].
    replace (/ PI ^ 2 * (PI ^ 2 * / INR N)) with (/ INR N) by (field; lra).
    unfold Rdiv in HN. lra. }
  rewrite Rabs_left; lra.
Qed.

(** What is left of a sum whose terms are partial fractions: d/(n + k) for each (d, k). *)
Definition shares (l : list (R * R)) (n : nat) : R :=
  fold_right (fun p x => fst p / (INR n + snd p) + x) 0 l.

Lemma shares_vanish : forall l, Forall (fun p => 0 <= snd p) l -> Un_cv (shares l) 0.
Proof.
  induction 1 as [|[d k] l Hk Hl IH]; cbn [snd] in *.
  - intros eps He. exists O. intros n _. unfold shares, R_dist; simpl. rewrite Rminus_0_r, Rabs_R0. exact He.
  - replace 0 with (0 + 0) by ring. apply (CV_plus (fun n => d / (INR n + k)) (shares l)); auto.
    intros eps He. destruct (archimed_cor1 (eps / (Rabs d + 1))) as [N [HN HN0]].
    { apply Rdiv_lt_0_compat; auto. pose proof (Rabs_pos d). lra. }
    exists N. intros n Hn. unfold R_dist. rewrite Rminus_0_r. pose proof (Rabs_pos d).
    assert (0 < INR N) by (apply lt_0_INR; auto). assert (INR N <= INR n) by (apply le_INR; lia).
    unfold Rdiv. rewrite Rabs_mult, (Rabs_right (/ (INR n + k))) by (apply Rle_ge, Rlt_le, Rinv_0_lt_compat; lra).
    apply Rle_lt_trans with (Rabs d * / INR N).
    + apply Rmult_le_compat_l; auto. apply Rinv_le_contravar; lra.
    + apply Rmult_lt_reg_r with (/ (Rabs d + 1)); [apply Rinv_0_lt_compat; lra|].
      apply Rle_lt_trans with (/ INR N); [|exact HN].
      replace (Rabs d * / INR N * / (Rabs d + 1)) with (/ INR N * (Rabs d / (Rabs d + 1))) by (field; lra).
      rewrite <- (Rmult_1_r (/ INR N)) at 2. apply Rmult_le_compat_l; [apply Rlt_le, Rinv_0_lt_compat; lra|].
      apply Rmult_le_reg_r with (Rabs d + 1); [lra|].
      replace (Rabs d / (Rabs d + 1) * (Rabs d + 1)) with (Rabs d) by (field; lra). lra.
Qed.

Lemma sum_limit : forall f a c r l,
  (forall n, (a <= n)%nat -> sum_over f a n = c * squares n + (r + shares l n)) ->
  Forall (fun p => 0 <= snd p) l -> Un_cv (sum_over f a) (c * (PI ^ 2 / 6) + r).
Proof.
  intros f a c r l E P.
  assert (K : forall x : R, Un_cv (fun _ => x) x).
  { intros x eps He. exists O. intros n _. unfold R_dist. rewrite Rminus_diag_eq, Rabs_R0; auto. }
  assert (C : Un_cv (fun n => c * squares n + (r + shares l n)) (c * (PI ^ 2 / 6) + (r + 0))).
  { apply (CV_plus (fun n => c * squares n) (fun n => r + shares l n)).
    - apply (CV_mult (fun _ => c) squares); [apply K | apply squares_limit].
    - apply (CV_plus (fun _ => r) (shares l)); [apply K | apply shares_vanish; auto]. }
  rewrite Rplus_0_r in C. intros eps He. destruct (C eps He) as [N HN].
  exists (N + a)%nat. intros n Hn. rewrite E by lia. apply HN. lia.
Qed.

(** ** Matrices of real numbers: rules *)

Lemma mat_ext : forall m n (A B : mat m n), (forall i j, A i j = B i j) -> A = B.
Proof.
  intros m n A B E. apply FunctionalExtensionality.functional_extensionality; intro i.
  apply FunctionalExtensionality.functional_extensionality; intro j. apply E.
Qed.

Lemma total_ext : forall n f g, (forall i, f i = g i) -> total n f = total n g.
Proof. induction n as [|n IH]; intros f g E; simpl; auto. rewrite E. f_equal. apply IH; auto. Qed.

Lemma total_add : forall n f g, total n (fun i => f i + g i) = total n f + total n g.
Proof. induction n as [|n IH]; intros f g; simpl; [lra|]. rewrite IH. lra. Qed.

Lemma total_scale : forall n c f, total n (fun i => c * f i) = c * total n f.
Proof. induction n as [|n IH]; intros c f; simpl; [lra|]. rewrite IH. lra. Qed.

Lemma total_zero : forall n, total n (fun _ => 0) = 0.
Proof. induction n as [|n IH]; simpl; [lra|]. rewrite IH. lra. Qed.

Lemma total_swap : forall m n (f : Fin.t m -> Fin.t n -> R),
  total m (fun i => total n (f i)) = total n (fun j => total m (fun i => f i j)).
Proof.
  induction m as [|m IH]; intros n f; simpl.
  - symmetry; apply total_zero.
  - rewrite IH, <- total_add. reflexivity.
Qed.

Lemma total_one : forall n (i : Fin.t n) f,
  total n (fun k => (if Fin.eq_dec i k then 1 else 0) * f k) = f i.
Proof.
  intros n i; induction i as [n|n i IH]; intros f; cbn [total].
  - destruct (Fin.eq_dec Fin.F1 Fin.F1) as [_|N]; [|congruence].
    rewrite (total_ext _ _ (fun _ => 0)); [rewrite total_zero; lra|].
    intros k. destruct (Fin.eq_dec Fin.F1 (Fin.FS k)) as [E|_]; [inversion E|lra].
  - destruct (Fin.eq_dec (Fin.FS i) Fin.F1) as [E|_]; [inversion E|].
    rewrite <- (IH (fun k => f (Fin.FS k))), Rmult_0_l, Rplus_0_l.
    apply total_ext. intros k.
    destruct (Fin.eq_dec (Fin.FS i) (Fin.FS k)) as [E|N]; destruct (Fin.eq_dec i k) as [E'|N']; auto.
    + apply Fin.FS_inj in E; congruence.
    + congruence.
Qed.

Ltac entries := intros; apply mat_ext; intros ? ?; unfold mul, add, scale, flip, one, zero.

Lemma mul_assoc : forall m n p q (A : mat m n) (B : mat n p) (C : mat p q),
  mul (mul A B) C = mul A (mul B C).
Proof.
  entries.
  transitivity (total p (fun k => total n (fun l => A i l * B l k * C k j))).
  - apply total_ext; intros k. rewrite Rmult_comm, <- total_scale. apply total_ext; intros; ring.
  - rewrite total_swap. apply total_ext; intros k. rewrite <- total_scale. apply total_ext; intros; ring.
Qed.

Lemma mul_add_l : forall m n p (A B : mat m n) (C : mat n p), mul (add A B) C = add (mul A C) (mul B C).
Proof. entries. rewrite <- total_add. apply total_ext; intros; ring. Qed.

Lemma mul_add_r : forall m n p (A : mat m n) (B C : mat n p), mul A (add B C) = add (mul A B) (mul A C).
Proof. entries. rewrite <- total_add. apply total_ext; intros; ring. Qed.

Lemma mul_scale_l : forall m n p c (A : mat m n) (B : mat n p), mul (scale c A) B = scale c (mul A B).
Proof. entries. rewrite <- total_scale. apply total_ext; intros; ring. Qed.

Lemma mul_scale_r : forall m n p c (A : mat m n) (B : mat n p), mul A (scale c B) = scale c (mul A B).
Proof. entries. rewrite <- total_scale. apply total_ext; intros; ring. Qed.

Lemma mul_one_l : forall m n (A : mat m n), mul one A = A.
Proof. entries. apply total_one. Qed.

Lemma flip_mul : forall m n p (A : mat m n) (B : mat n p), flip (mul A B) = mul (flip B) (flip A).
Proof. entries. apply total_ext; intros; ring. Qed.

Lemma flip_one : forall n, flip (@one n) = one.
Proof. entries. destruct (Fin.eq_dec j i), (Fin.eq_dec i j); congruence. Qed.

Lemma flip_flip : forall m n (A : mat m n), flip (flip A) = A.
Proof. entries; reflexivity. Qed.

Lemma flip_add : forall m n (A B : mat m n), flip (add A B) = add (flip A) (flip B).
Proof. entries; reflexivity. Qed.

Lemma flip_scale : forall m n c (A : mat m n), flip (scale c A) = scale c (flip A).
Proof. entries; reflexivity. Qed.

Lemma mul_one_r : forall m n (A : mat m n), mul A one = A.
Proof.
  intros. rewrite <- (flip_flip _ _ (mul A one)), flip_mul, flip_one, mul_one_l, flip_flip. reflexivity.
Qed.

Lemma scale_scale : forall m n a b (A : mat m n), scale a (scale b A) = scale (a * b) A.
Proof. entries. ring. Qed.

Lemma scale_add : forall m n a (A B : mat m n), scale a (add A B) = add (scale a A) (scale a B).
Proof. entries. ring. Qed.

Lemma mul_zero_l : forall m n p (A : mat n p), mul (@zero m n) A = zero.
Proof. entries. rewrite (total_ext _ _ (fun _ => 0)); [apply total_zero|intros; ring]. Qed.

Lemma mul_zero_r : forall m n p (A : mat m n), mul A (@zero n p) = zero.
Proof. entries. rewrite (total_ext _ _ (fun _ => 0)); [apply total_zero|intros; ring]. Qed.

Lemma trace_add : forall n (A B : mat n n), trace (add A B) = trace A + trace B.
Proof. intros. unfold trace, add. apply total_add. Qed.

Lemma trace_scale : forall n c (A : mat n n), trace (scale c A) = c * trace A.
Proof. intros. unfold trace, scale. apply total_scale. Qed.

Lemma trace_one : forall n, trace (@one n) = INR n.
Proof.
  intros n. unfold trace, one. transitivity (total n (fun _ => 1)).
  - apply total_ext; intros i. destruct (Fin.eq_dec i i); congruence.
  - clear. induction n as [|n IH]; [reflexivity|]. rewrite S_INR, <- IH. simpl. lra.
Qed.

(** Relations that an inverse and a pseudo-inverse give, as rules. *)
Lemma inverse_symmetric : forall n (A B : mat n n), flip A = A -> inverse A B -> flip B = B.
Proof.
  intros n A B S [L R]. rewrite <- (mul_one_r _ _ (flip B)), <- L, <- mul_assoc.
  rewrite <- S at 1. rewrite <- flip_mul, L, flip_one, mul_one_l. reflexivity.
Qed.

(** c AB + l is inverted by R: what AB does to R, at the end of a product and inside. *)
Lemma resolvent_rules : forall m n c l (A : mat n m) (B : mat m n) (R : mat n n), c <> 0 ->
  inverse (add (scale c (mul A B)) (scale l one)) R ->
  (mul A (mul B R) = add (scale (/ c) one) (scale (- l / c) R)) /\
  (forall p (Y : mat n p), mul A (mul B (mul R Y)) = add (scale (/ c) Y) (scale (- l / c) (mul R Y))) /\
  (mul R (mul A B) = add (scale (/ c) one) (scale (- l / c) R)) /\
  (forall p (Y : mat n p), mul R (mul A (mul B Y)) = add (scale (/ c) Y) (scale (- l / c) (mul R Y))).
Proof.
  intros m n c l A B R Hc [L K].
  assert (E1 : mul A (mul B R) = add (scale (/ c) one) (scale (- l / c) R)).
  { rewrite <- L, mul_add_l, !mul_scale_l, mul_one_l, mul_assoc.
    apply mat_ext; intros i j; unfold add, scale. field; auto. }
  assert (E2 : mul R (mul A B) = add (scale (/ c) one) (scale (- l / c) R)).
  { rewrite <- K, mul_add_r, !mul_scale_r, mul_one_r.
    apply mat_ext; intros i j; unfold add, scale. field; auto. }
  repeat split; auto; intros p Y.
  - rewrite <- (mul_assoc _ _ _ _ B), <- mul_assoc, E1, mul_add_l, !mul_scale_l, mul_one_l. reflexivity.
  - rewrite <- (mul_assoc _ _ _ _ A), <- mul_assoc, E2, mul_add_l, !mul_scale_l, mul_one_l. reflexivity.
Qed.

(** Push-through: the resolvents of AB and of BA. *)
Lemma push_rules : forall m n c l (A : mat n m) (B : mat m n) (R : mat n n) (Q : mat m m), c <> 0 ->
  inverse (add (scale c (mul A B)) (scale l one)) R ->
  inverse (add (scale c (mul B A)) (scale l one)) Q ->
  (mul R A = mul A Q) /\ (forall p (Y : mat m p), mul R (mul A Y) = mul A (mul Q Y)) /\
  (mul B R = mul Q B) /\ (forall p (Y : mat n p), mul B (mul R Y) = mul Q (mul B Y)) /\
  (mul A (mul Q B) = add (scale (/ c) one) (scale (- l / c) R)) /\
  (forall p (Y : mat n p),
     mul A (mul Q (mul B Y)) = add (scale (/ c) Y) (scale (- l / c) (mul R Y))).
Proof.
  intros m n c l A B R Q Hc [L K] [L' K'].
  assert (E : mul R A = mul A Q).
  { rewrite <- (mul_one_r _ _ (mul R A)), <- L', mul_assoc, <- (mul_assoc _ _ _ _ A).
    assert (mul A (add (scale c (mul B A)) (scale l one)) = mul (add (scale c (mul A B)) (scale l one)) A) as W.
    { rewrite mul_add_l, mul_add_r, !mul_scale_l, !mul_scale_r, mul_one_l, mul_one_r, mul_assoc. reflexivity. }
    rewrite W, !mul_assoc, <- mul_assoc, K, mul_one_l. reflexivity. }
  assert (E' : mul B R = mul Q B).
  { rewrite <- (mul_one_l _ _ (mul B R)), <- K', mul_assoc, <- (mul_assoc _ _ _ _ _ B R).
    assert (mul (add (scale c (mul B A)) (scale l one)) B = mul B (add (scale c (mul A B)) (scale l one))) as W.
    { rewrite mul_add_l, mul_add_r, !mul_scale_l, !mul_scale_r, mul_one_l, mul_one_r, mul_assoc. reflexivity. }
    rewrite W, !mul_assoc, L, mul_one_r. reflexivity. }
  destruct (resolvent_rules _ _ c l A B R Hc (conj L K)) as [_ [_ [F F']]].
  repeat split; auto; try intros p Y.
  - rewrite <- mul_assoc, E, mul_assoc. reflexivity.
  - rewrite <- mul_assoc, E', mul_assoc. reflexivity.
  - rewrite <- mul_assoc, <- E, mul_assoc. exact F.
  - rewrite <- (mul_assoc _ _ _ _ A), <- E, mul_assoc. exact (F' p Y).
Qed.

Lemma penrose_rules : forall m n (X : mat m n) (P : mat n m), pseudo_inverse X P ->
  (mul X (mul P X) = X) /\ (forall p (Y : mat n p), mul X (mul P (mul X Y)) = mul X Y) /\
  (mul P (mul X P) = P) /\ (forall p (Y : mat m p), mul P (mul X (mul P Y)) = mul P Y) /\
  (mul (flip P) (flip X) = mul X P) /\ (forall p (Y : mat m p), mul (flip P) (mul (flip X) Y) = mul X (mul P Y)) /\
  (mul (flip X) (flip P) = mul P X) /\ (forall p (Y : mat n p), mul (flip X) (mul (flip P) Y) = mul P (mul X Y)).
Proof.
  intros m n X P [A [B [C D]]]. rewrite flip_mul in C, D.
  repeat split; auto; intros p Y.
  - rewrite <- (mul_assoc _ _ _ _ P), <- mul_assoc, A. reflexivity.
  - rewrite <- (mul_assoc _ _ _ _ X), <- mul_assoc, B. reflexivity.
  - rewrite <- mul_assoc, C, mul_assoc. reflexivity.
  - rewrite <- mul_assoc, D, mul_assoc. reflexivity.
Qed.

(** Where X has full column rank its pseudo-inverse is a left inverse. *)
Lemma left_rules : forall m n (X : mat m n) (P : mat n m), mul P X = one ->
  (mul P X = one) /\ (forall p (Y : mat n p), mul P (mul X Y) = Y).
Proof.
  intros m n X P E. split; auto; intros p Y. rewrite <- mul_assoc, E, mul_one_l. reflexivity.
Qed.

(** ** Means *)

Lemma mean_ext : forall W (E : (W -> R) -> R) f g, (forall o, f o = g o) -> E f = E g.
Proof. intros W E f g H. f_equal. apply FunctionalExtensionality.functional_extensionality. exact H. Qed.

Lemma mean_const : forall W (E : (W -> R) -> R) c, mean E -> E (fun _ => c) = c.
Proof.
  intros W E c [L O].
  pose proof (L 1 (fun _ => 1) (fun _ => 0)) as Z. rewrite O in *.
  rewrite (mean_ext W E (fun _ => 1 * 1 + 0) (fun _ => 1)), O in Z by (intros; ring).
  pose proof (L c (fun _ => 1) (fun _ => 0)) as C. rewrite O in C.
  rewrite (mean_ext W E (fun _ => c * 1 + 0) (fun _ => c)) in C by (intros; ring). lra.
Qed.

Lemma mean_of_ext : forall W (E : (W -> R) -> R) m n (F G : W -> mat m n), (forall o, F o = G o) ->
  mean_of E F = mean_of E G.
Proof. intros W E m n F G H. f_equal. apply FunctionalExtensionality.functional_extensionality. exact H. Qed.

(** A mean of what does not vary, of sums and of multiples. *)
Lemma mean_rules : forall W (E : (W -> R) -> R), mean E ->
  (forall m n (C : mat m n), mean_of E (fun _ => C) = C) /\
  (forall m n (F G : W -> mat m n), mean_of E (fun o => add (F o) (G o)) = add (mean_of E F) (mean_of E G)) /\
  (forall m n c (F : W -> mat m n), mean_of E (fun o => scale c (F o)) = scale c (mean_of E F)).
Proof.
  intros W E M. pose proof M as [L O]. repeat split; intros; apply mat_ext; intros i j; unfold mean_of, add, scale.
  - apply mean_const; auto.
  - rewrite <- (Rmult_1_l (E (fun o => F o i j))), <- L. apply mean_ext. intros; ring.
  - replace (c * E (fun o => F o i j)) with (c * E (fun o => F o i j) + E (fun _ => 0)).
    + rewrite <- L. apply mean_ext. intros; ring.
    + rewrite (mean_const W E 0 M). ring.
Qed.

Lemma mean_total : forall W (E : (W -> R) -> R), mean E -> forall n (f : W -> Fin.t n -> R),
  E (fun o => total n (f o)) = total n (fun i => E (fun o => f o i)).
Proof.
  intros W E M. induction n as [|n IH]; intros f; simpl; [apply mean_const; auto|].
  rewrite <- (IH (fun o i => f o (Fin.FS i))), <- (Rmult_1_l (E (fun o => f o Fin.F1))), <- (proj1 M).
  apply mean_ext. intros; ring.
Qed.

Lemma mean_scaled : forall W (E : (W -> R) -> R), mean E -> forall c f, E (fun o => c * f o) = c * E f.
Proof.
  intros W E M c f. replace (c * E f) with (c * E f + E (fun _ => 0)) by (rewrite (mean_const W E 0 M); ring).
  rewrite <- (proj1 M). apply mean_ext. intros; ring.
Qed.

(** What does not vary leaves a mean, on either side. *)
Lemma mean_left : forall W (E : (W -> R) -> R), mean E -> forall m n p (C : mat m n) (F : W -> mat n p),
  mean_of E (fun o => mul C (F o)) = mul C (mean_of E F).
Proof.
  intros W E M m n p C F. apply mat_ext; intros i j. unfold mean_of, mul.
  rewrite (mean_total W E M). apply total_ext. intros k. apply mean_scaled; auto.
Qed.

Lemma mean_right : forall W (E : (W -> R) -> R), mean E -> forall m n p (F : W -> mat m n) (C : mat n p),
  mean_of E (fun o => mul (F o) C) = mul (mean_of E F) C.
Proof.
  intros W E M m n p F C. apply mat_ext; intros i j. unfold mean_of, mul.
  rewrite (mean_total W E M). apply total_ext. intros k. rewrite (Rmult_comm _ (C k j)), <- mean_scaled by auto.
  apply mean_ext; intros; ring.
Qed.

Lemma trace_swap : forall m n (A : mat m n) (B : mat n m), trace (mul A B) = trace (mul B A).
Proof.
  intros m n A B. unfold trace, mul. rewrite total_swap. apply total_ext; intros i. apply total_ext; intros j. ring.
Qed.

(** A mean projection on T of d dimensions is T/d times the identity. *)
Lemma mean_projection : forall W (E : (W -> R) -> R) T d (X : W -> mat T d) (P : W -> mat d T), mean E -> 0 < INR d ->
  (forall o, mul (X o) (P o) = one) -> rotated E X P ->
  forall p (C : mat d p), mean_of E (fun o => mul (P o) (mul (X o) C)) = scale (INR T / INR d) C.
Proof.
  intros W E T d X P M Hd R [c H] p C.
  assert (K : c * INR d = INR T).
  { assert (Q : trace (mean_of E (fun o => mul (P o) (X o))) = INR T).
    { unfold trace, mean_of. rewrite <- (mean_total W E M d (fun o i => mul (P o) (X o) i i)).
      rewrite (mean_ext W E _ (fun _ => INR T)); [apply mean_const; auto|].
      intros o. change (trace (mul (P o) (X o)) = INR T). rewrite trace_swap, R. apply trace_one. }
    rewrite H in Q. rewrite <- Q, <- trace_one. unfold trace, scale.
    symmetry. apply total_scale. }
  rewrite (mean_of_ext W E _ _ _ (fun o => mul (mul (P o) (X o)) C)) by (intros; rewrite mul_assoc; reflexivity).
  rewrite mean_right, H, mul_scale_l, mul_one_l by auto. f_equal. rewrite <- K. field. lra.
Qed.

(** Numbers are equal if they are as matrices of one row and one column, up to the order of factors. *)
Lemma form_eq : forall A B : mat 1 1, add A (flip A) = add B (flip B) -> A = B.
Proof.
  intros A B E. apply mat_ext. intros i j. apply (f_equal (fun C => C i j)) in E. revert E. unfold add, flip.
  apply (Fin.caseS' i); [|intros k; inversion k]. apply (Fin.caseS' j); [|intros k; inversion k]. lra.
Qed.

(** ** Tactics of certificates *)

(** Signs of sums and products of what has a sign. *)
Ltac pos :=
  match goal with
  | |- 0 < _ * _ => first [apply Rmult_lt_0_compat; pos | nra]
  | |- 0 < _ / _ => apply Rdiv_lt_0_compat; pos
  | |- 0 < / _ => apply Rinv_0_lt_compat; pos
  | |- 0 < _ ^ _ => apply pow_lt; pos
  | |- 0 < _ + _ =>
      first [ lra | apply Rplus_lt_0_compat; pos
            | apply Rplus_lt_le_0_compat; [pos | nonneg]
            | apply Rplus_le_lt_0_compat; [nonneg | pos] | nra ]
  | |- _ => first [assumption | lra | nra]
  end
with nonneg :=
  match goal with
  | |- 0 <= _ * _ => first [apply Rmult_le_pos; nonneg | nra]
  | |- 0 <= _ / _ => unfold Rdiv; apply Rmult_le_pos; nonneg
  | |- 0 <= / _ => apply Rlt_le, Rinv_0_lt_compat; pos
  | |- 0 <= _ ^ 2 => apply pow2_ge_0
  | |- 0 <= _ ^ _ => first [apply pow_le; nonneg | nra]
  | |- 0 <= _ + _ => first [lra | apply Rplus_le_le_0_compat; nonneg | nra]
  | |- _ => first [assumption | lra | nra]
  end.

(** A side condition: something does not vanish. *)
Ltac nonzero :=
  solve
    [ assumption
    | apply Rgt_not_eq; unfold Rgt; lra
    | apply Rlt_not_eq; lra
    | apply pow_nonzero; nonzero
    | apply Rmult_integral_contrapositive_currified; nonzero
    | apply Rinv_neq_0_compat; nonzero
    | apply Rgt_not_eq; unfold Rgt; pos
    | apply Rgt_not_eq; unfold Rgt; nra
    | apply Rlt_not_eq; nra ].

Ltac side := repeat match goal with |- _ /\ _ => split end; try nonzero.

(** A derivative along the ridge, by the rules. *)
Ltac derive V :=
  lazymatch goal with
  | |- derivable_pt_lim (fun x => ?f + ?g) _ _ => apply (derivable_pt_lim_plus (fun x => f) (fun x => g)); derive V
  | |- derivable_pt_lim (fun x => ?f - ?g) _ _ => apply (derivable_pt_lim_minus (fun x => f) (fun x => g)); derive V
  | |- derivable_pt_lim (fun x => - ?f) _ _ => apply (derivable_pt_lim_opp (fun x => f)); derive V
  | |- derivable_pt_lim (fun x => ?f * ?g) _ _ => apply (derivable_pt_lim_mult (fun x => f) (fun x => g)); derive V
  | |- derivable_pt_lim (fun x => ?f / ?c) _ _ => apply (derivative_over (fun x => f)); derive V
  | |- derivable_pt_lim (fun x => df ?m _ ?S) _ _ => apply (df_along S m); [assumption | assumption | exact V]
  | |- derivable_pt_lim (fun x => x) _ _ => apply derivable_pt_lim_id
  | |- derivable_pt_lim (fun x => ?c) _ _ => first [exact V | apply derivable_pt_lim_const]
  end.

(** Products written out, brackets to the right. *)
Ltac expand :=
  repeat first
    [ rewrite flip_mul | rewrite flip_add | rewrite flip_scale | rewrite flip_one | rewrite flip_flip
    | rewrite mul_add_l | rewrite mul_add_r | rewrite mul_scale_l | rewrite mul_scale_r
    | rewrite mul_assoc | rewrite mul_one_l | rewrite mul_one_r
    | rewrite mul_zero_l | rewrite mul_zero_r
    | rewrite scale_add | rewrite scale_scale ].


(** Products written out, with the rules among the hypotheses. *)
Ltac reduce :=
  repeat (progress (expand;
    repeat match goal with
      | E : @eq (mat _ _) _ _ |- _ => rewrite E
      | E : forall p (Y : mat _ p), _ = _ |- _ => rewrite E
      end)).

(** What is linear in means, as one mean. *)
Ltac gather M :=
  let C := fresh in let A := fresh in let B := fresh in
  destruct (mean_rules _ _ M) as [C [A B]]; repeat first [rewrite <- B | rewrite <- A]; clear C A B.

(** A mean over one independent design: what comes before its projection leaves, the projection becomes its mean. *)
Ltac average M H :=
  repeat first [rewrite (proj2 (proj2 (mean_rules _ _ M))) | rewrite (mean_left _ _ M) | rewrite H].

(** What is left is linear in the entries of words. *)
Ltac words := apply mat_ext; intros ? ?; unfold add, scale, zero; cbv beta; try field; side.
